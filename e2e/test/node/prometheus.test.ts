/** A real Prometheus that scrapes MIC and NMI on a real node while tokens are asked for. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';
import { askMany, type Load } from '../../src/load.ts';
import { installWorkloads, startNode, until } from '../../src/node-cluster.ts';
import { type Prometheus, startPrometheus, TARGET_NAMESPACE } from '../../src/prometheus.ts';
import { dashboardCases } from './dashboard-cases.ts';
import { emptyDashboards, fillDashboards } from './dashboard-story.ts';
import {
  forbidRecords,
  forgetStory,
  prepareStory,
  stopApiServer,
  tellStory,
  TOKEN_PATH,
  WITHOUT_LIMIT,
} from './measured-story.ts';
import { ORIGINAL_METRICS, type OriginalMetric } from './original-metrics.ts';

let cluster: Cluster;
let prometheus: Prometheus;
let addresses: Readonly<Record<'mic' | 'nmi', string>>;
let sinceMs: number;

const addressOf = (component: string): Promise<string> =>
  cluster.kubectl('get', 'pod', '-l', `component=${component}`, '-o', 'jsonpath={.items[0].status.podIP}');

beforeAll(async () => {
  cluster = await startNode();
  await installWorkloads(cluster, WITHOUT_LIMIT);
  await prepareStory(cluster);
  addresses = { mic: `${await addressOf('mic')}:8888`, nmi: `${await addressOf('nmi')}:9090` };
  prometheus = await startPrometheus(cluster, addresses);
  sinceMs = systemClock.now();
});

afterAll(async () => {
  await prometheus.stop();
  await forgetStory(cluster);
});

/** Until Prometheus itself has seen it. */
const seen = (expression: string): Promise<void> => until(async () => (await prometheus.value(expression)) > 0);

it.each(['mic', 'nmi'])('Prometheus reaches %s', (job) => seen(`up{job="${job}"}`));

const OPERATION = 'operation_type';
const errors = (component: string, operation: string): string =>
  `aadpodidentity_${component}_errors_count{${OPERATION}="${operation}"}`;
const timed = (component: string, operation: string): string =>
  `aadpodidentity_${component}_duration_seconds_count{${OPERATION}="${operation}"}`;

describe('what happens is counted:', () => {
  beforeAll(() => tellStory(cluster));

  it.each([
    ['a token', 'aadpodidentity_nmi_operations_duration_seconds_count{status_code="200",namespace="default"}'],
    ['a refusal', 'aadpodidentity_nmi_operations_duration_seconds_count{status_code="400"}'],
    [
      'the resource of a token',
      'aadpodidentity_nmi_operations_duration_seconds_sum{resource="https://vault.azure.net"}',
    ],
    ['a call for the token of an assigned identity', timed('imds_operations', 'adal_token_msi_userassignedid')],
    ['one that failed', errors('imds_operations', 'adal_token_msi_userassignedid')],
    ['a call for a token of the machine itself', timed('imds_operations', 'adal_token_msi')],
    ['a call for the token of a service principal', timed('imds_operations', 'adal_token')],
    ['one that failed', errors('imds_operations', 'adal_token')],
    ['a Secret that is not there', errors('kubernetes_api_operations', 'get_secret')],
    ['a look at the scale set', timed('cloud_provider_operations', 'vmss_get')],
    ['a change of the scale set', timed('cloud_provider_operations', 'vmss_update')],
    ['one that failed', errors('cloud_provider_operations', 'vmss_update')],
    ['an identity that was assigned', 'aadpodidentity_assigned_identity_addition_count'],
    ['one that was changed', 'aadpodidentity_assigned_identity_update_count'],
    ['one that was taken away', 'aadpodidentity_assigned_identity_deletion_count'],
    ['a pass', 'aadpodidentity_mic_cycle_count'],
    ['a leader', 'aadpodidentity_mic_new_leader_election_count'],
  ])('%s: %s', (_, expression) => seen(expression));

  it('a record that MIC may not write', () =>
    forbidRecords(cluster, () => seen(errors('kubernetes_api_operations', 'assigned_identity_addition'))));

  it('an API server that is away', () =>
    stopApiServer(cluster, () => seen(errors('kubernetes_api_operations', 'get_pod_list'))));
});

/** A label whose value is empty is none to Prometheus: all series of a metric together have all of its labels. */
async function labelsOf({ job, name, type }: OriginalMetric, label: 'names' | 'le'): Promise<string[]> {
  const found = await prometheus.query(`${name}${type === 'histogram' ? '_bucket' : ''}{job="${job}"}`);
  const values = found.flatMap(({ labels: { job: _, instance: __, le = '', ...own } }) =>
    label === 'le' ? [le] : Object.keys(own).filter((key) => own[key] !== TARGET_NAMESPACE),
  );
  return [...new Set(values)].sort();
}

describe('Prometheus has the metrics of 1.8.17:', () => {
  it.each(ORIGINAL_METRICS.map((metric) => [metric.job, metric.name, metric] as const))(
    '%s’s %s',
    async (_, __, metric) => {
      expect((await prometheus.types(metric.job)).get(metric.name)).toBe(metric.type);
      expect(await labelsOf(metric, 'names')).toEqual([...metric.labels].sort());
      const wanted = metric.buckets?.map(String) ?? [];
      expect(await labelsOf(metric, 'le')).toEqual(expect.arrayContaining(wanted));
    },
  );
});

describe('under load', () => {
  beforeAll(() => fillDashboards(cluster));
  afterAll(() => emptyDashboards(cluster));
  dashboardCases(() => ({ prometheus, sinceMs }));
});

const FETCH = 'fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)';

/** What lint says of the exposition of a component. */
async function lint(component: 'mic' | 'nmi'): Promise<string[]> {
  const text = await cluster.exec([process.execPath, '-e', FETCH, `http://${addresses[component]}/metrics`]);
  const { stdout, stderr, code } = await cluster.exec(['promtool', 'check', 'metrics'], text.stdout);
  // 3 tells of a bad habit, 1 of a text that cannot be read
  expect([0, 3]).toContain(code);
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
}

/** Names of the original that no counter would be given today, and of the runtime's own metrics, which are gauges. */
const countersOf = (component: string): string[] =>
  ORIGINAL_METRICS.flatMap(({ job, type, name }) => (job === component && type === 'counter' ? [name] : []));
const FROM_RUNTIME = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

describe('promtool', () => {
  it.each(['mic', 'nmi'] as const)('objects to nothing in the text of %s but to old names', async (component) => {
    const old = countersOf(component).flatMap((name) => [
      `${name} counter metrics should have "_total" suffix`,
      `${name} non-histogram and non-summary metrics should not have "_count" suffix`,
    ]);
    const runtime = FROM_RUNTIME.map((name) => `${name} non-counter metrics should not have "_total" suffix`);
    expect((await lint(component)).sort()).toEqual([...old, ...runtime].sort());
  });
});

describe('the number of series', () => {
  const all = 'count({job="nmi"})';
  /** Until what was last asked for is in a scrape. */
  const scraped = async (): Promise<void> => {
    const now = systemClock.now() / 1000;
    await seen(`min(timestamp(up{job="nmi"})) > ${now + 1}`);
  };

  it.each<[sentence: string, pod: string, load: Omit<Load, 'count'>, status: number]>([
    ['resources, with a token each', 'measured-pod', { target: `${TOKEN_PATH}https%3A%2F%2Fr{n}.example.com%2F` }, 200],
    ['resources, without a token', 'nobody', { target: `${TOKEN_PATH}r{n}` }, 400],
    ['client ids', 'nobody', { target: `${TOKEN_PATH}r&client_id={n}` }, 400],
    ['paths', 'nobody', { target: '/metadata/{n}' }, 403],
    ['names of clients', 'nobody', { target: '/metadata/identity/info', headers: { 'User-Agent': '{n}' } }, 403],
  ])('grows by at most 50 after 10,000 %s', async (_, pod, load, status) => {
    const before = await prometheus.value(all);
    expect(await askMany(cluster, pod, { count: 10_000, ...load })).toEqual({ [status]: 10_000 });
    await scraped();
    expect((await prometheus.value(all)) - before).toBeLessThanOrEqual(50);
  });
});
