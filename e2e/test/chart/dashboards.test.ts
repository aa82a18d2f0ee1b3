/** The dashboards, as the sidecar of Grafana finds them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rendered } from '@aad-pod-identity/generate/chart';
import { CHART, HELMS, idsOf, named, render } from './chart.ts';

const ENABLED = { enabled: true };
const NAMES = ['aad-pod-identity-mic-dashboard', 'aad-pod-identity-nmi-dashboard'] as const;

const renderWith = (dashboards: object, values: object = {}, helm = HELMS[0]?.[1] ?? ''): Promise<Rendered[]> =>
  render({ ...values, monitoring: { dashboards } }, { helm, namespace: 'identity' });

const dashboardsIn = (objects: readonly Rendered[]): string[] =>
  idsOf(objects).filter((id) => id.endsWith('-dashboard'));

const dataOf = (objects: readonly Rendered[], name: string): Readonly<Record<string, string>> =>
  named(objects, 'ConfigMap', name).data as Readonly<Record<string, string>>;

describe.each(HELMS)('with Helm %s', (_, helm) => {
  it.each([
    ['mic', NAMES[0]],
    ['nmi', NAMES[1]],
  ])('the dashboard of %s is the file of the chart, whole', async (component, name) => {
    const data = dataOf(await renderWith(ENABLED, {}, helm), name);
    expect(Object.keys(data)).toEqual([`aad-pod-identity-${component}.json`]);
    const file = readFileSync(join(CHART, 'dashboards', `${component}.json`), 'utf8');
    expect(JSON.parse(Object.values(data)[0] ?? '')).toEqual(JSON.parse(file));
  });
});

it.each<[sentence: string, dashboards: object, values: object, found: string[]]>([
  ['none, unless asked for', {}, {}, []],
  ['none, where it says no as a text', { enabled: 'false' }, {}, []],
  ['both, in the namespace of the release', ENABLED, {}, NAMES.map((name) => `ConfigMap identity/${name}`)],
  [
    'both, where the sidecar looks',
    { ...ENABLED, namespace: 'grafana' },
    {},
    NAMES.map((n) => `ConfigMap grafana/${n}`),
  ],
  ['NMI’s, where MIC is not installed', ENABLED, { operationMode: 'managed' }, [`ConfigMap identity/${NAMES[1]}`]],
  ['none of a team that may write in its namespace only', ENABLED, { identitiesOnly: true }, []],
])('%s', async (_, dashboards, values, found) => {
  expect(dashboardsIn(await renderWith(dashboards, values))).toEqual(found);
});

it('have the label that Grafana’s chart looks for', async () => {
  for (const name of NAMES)
    expect(named(await renderWith(ENABLED), 'ConfigMap', name).metadata.labels).toMatchObject({
      grafana_dashboard: '1',
    });
});

it('have the labels and annotations that are asked for, as texts', async () => {
  const labels = { grafana_dashboard: 1, team: 'platform' };
  const annotations = { grafana_folder: 'Identities', numbered: true };
  const objects = await renderWith({ ...ENABLED, labels, annotations });
  for (const name of NAMES)
    expect(named(objects, 'ConfigMap', name).metadata).toMatchObject({
      labels: { grafana_dashboard: '1', team: 'platform', 'app.kubernetes.io/instance': 'aad-pod-identity' },
      annotations: { grafana_folder: 'Identities', numbered: 'true' },
    });
});

it('are small enough for a ConfigMap of 1 MiB many times over', () => {
  for (const component of ['mic', 'nmi'])
    expect(readFileSync(join(CHART, 'dashboards', `${component}.json`)).length).toBeLessThan(100_000);
});

it('find the namespace of the pod that asked, and not that of NMI: Prometheus keeps what NMI says', async () => {
  const objects = await render({ monitoring: { podMonitor: ENABLED, serviceMonitor: ENABLED } });
  const endpointOf = (kind: string, field: string, component: string): unknown => {
    const spec = named(objects, kind, `aad-pod-identity-${component}`).spec as Readonly<Record<string, unknown[]>>;
    return spec[field]?.[0];
  };
  for (const component of ['mic', 'nmi'])
    for (const [kind, field] of [
      ['PodMonitor', 'podMetricsEndpoints'],
      ['ServiceMonitor', 'endpoints'],
    ] as const)
      expect(endpointOf(kind, field, component)).toMatchObject({ honorLabels: true });
});
