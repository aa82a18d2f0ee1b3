/**
 * The drill of an upgrade: a node as a running 1.8.17 leaves it becomes one of this chart in place, and goes back, while
 * ten pods ask for tokens all the way. Programs of the tests stand in for those of 1.8.17 (fixtures/chart/4.1.18).
 */
import { join } from 'node:path';
import type { Cluster } from '@aad-pod-identity/cluster';
import { runHelm, withValues } from '../../src/helm.ts';
import { imageName } from '../../src/images.ts';
import { askFromPod, clientIdIn, createPod, removeNode, startNode, TOKEN_URL, until } from '../../src/node-cluster.ts';
import { type Asked, startAskers } from '../../src/token-askers.ts';
import { CHART, HELM, ROOT } from '../chart/chart.ts';
import {
  assigned,
  ASKERS,
  azure,
  bringOldObjects,
  CLIENTS,
  FINALIZER,
  lock,
  oursLeads,
  readySince,
  VALUES,
  writes,
} from './upgrade-drill.ts';

const OLD_CHART = join(ROOT, 'e2e/fixtures/chart/4.1.18');
const RELEASE = ['aad-pod-identity', '-n', 'kube-system'];

let cluster: Cluster;
/** When a MIC of this chart began to lead; milliseconds since the Unix epoch. */
let oursSince: number;

const helm = (verb: string, ...args: string[]): Promise<string> => runHelm(HELM, cluster, [verb, ...RELEASE, ...args]);
const wait = ['--wait', '--timeout=180s'];
const upgrade = (values: object = {}): Promise<string> =>
  withValues({ ...VALUES, ...values }, (file) => helm('upgrade', CHART, file, ...wait));
const clientOf = async (pod: string) => clientIdIn(await askFromPod(cluster, pod, TOKEN_URL));
const records = (path: string): Promise<string> =>
  cluster.kubectl('get', 'azureassignedidentities', '-A', '-o', `jsonpath={range .items[*]}${path}{"\\n"}{end}`);

beforeAll(async () => {
  await removeNode();
  cluster = await startNode();
  await bringOldObjects(cluster);
  await helm('install', OLD_CHART, `--set=standIn.image=${imageName('nmi')}`, ...wait);
  for (const { pod, clientId } of ASKERS) {
    await createPod(cluster, pod, { label: clientId === CLIENTS.second ? 'second' : 'victim' });
  }
  for (const { pod, clientId } of ASKERS) await until(async () => (await clientOf(pod)) === clientId);
});

afterAll(() => removeNode());

it('begins as a running 1.8.17 leaves a node', async () => {
  expect(await records('{.status.status} {.metadata.finalizers[0]}')).toMatch(
    new RegExp(`^(Assigned ${FINALIZER}\n){10}$`),
  );
  expect((await writes(cluster)).every(({ old }) => old)).toBe(true);
  await createPod(cluster, 'capitals', { label: 'capitals' });
  expect(await cluster.kubectl('get', 'azureidentity', 'capitals', '-o', 'jsonpath={.spec}')).toBe('{"type":0}');
});

/** What the clients of all pods see while `work` is done. */
async function watched(work: () => Promise<unknown>): Promise<Asked> {
  const end = await startAskers(cluster, ASKERS);
  const asked = await work().then(end, async (error: unknown) => {
    await end();
    throw error;
  });
  const kinds = Object.entries(Object.groupBy(asked.failures, ({ what }) => what));
  const failed = kinds.map(([what, all = []]) => `${all.length} ${what}`).join(', ');
  process.stdout.write(`${asked.right} right, ${asked.lost.length} lost; failed at first: ${failed || 'none'}\n`);
  expect({ wrong: asked.wrong, lost: asked.lost }).toEqual({ wrong: 0, lost: [] });
  return asked;
}

it('becomes one of this chart: clients with their own retries lose nothing, and from Ready on nothing fails', async () => {
  const { failures, right } = await watched(async () => {
    await upgrade();
    // needed while the MIC of 1.8.17 is gone and its lock has not yet run out
    await createPod(cluster, 'between', { label: 'azureaccess' });
    await until(() => oursLeads(cluster));
    oursSince = Date.parse((await lock(cluster)).acquireTime);
  });
  const since = await readySince(cluster);
  expect(failures.filter(({ at }) => at > since)).toEqual([]);
  expect(right).toBeGreaterThan(1_000);
});

it('has taken over what 1.8.17 left, and serves what it had hidden', async () => {
  await until(async () => !(await records('{.metadata.finalizers}')).includes(FINALIZER));
  for (const [pod, clientId] of [
    ['capitals', CLIENTS.victim],
    ['between', CLIENTS.azureaccess],
  ] as const)
    await until(async () => (await clientOf(pod)) === clientId);
  await cluster.kubectl('delete', 'pod', 'between', '--now');
  await until(async () => !(await assigned(cluster)).includes('azureaccess'));
  expect(await assigned(cluster)).toMatch(/second.*victim|victim.*second/);
});

it.each([
  ['to its next version', () => upgrade({ customUserAgent: 'next' })],
  ['to managed mode', () => upgrade({ operationMode: 'managed', forceNamespaced: true })],
  ['back from it', () => helm('rollback', '3', ...wait)],
  ['to the version after', () => upgrade({ customUserAgent: 'after' })],
  ['back from that', () => helm('rollback', '3', ...wait)],
])('goes on %s without one request that fails', async (_, change) => {
  const { failures } = await watched(change);
  expect(failures).toEqual([]);
});

it('goes back to 1.8.17 by `helm rollback`, and clients with their own retries lose nothing', async () => {
  await watched(async () => {
    await helm('rollback', '1', ...wait);
    await until(async () => !(await oursLeads(cluster)));
  });
  for (const { pod, clientId } of ASKERS) expect(await clientOf(pod)).toBe(clientId);
});

it('1.8.17 then works as before: a new pod has its token', async () => {
  await createPod(cluster, 'late', { label: 'azureaccess' });
  await until(async () => (await clientOf('late')) === CLIENTS.azureaccess);
});

it('has never had two writers on the scale set: each wrote only while it held the lock of 1.8.17', async () => {
  const all = await writes(cluster);
  const order = all.map(({ old }) => (old ? 'old' : 'ours')).filter((who, at, list) => who !== list[at - 1]);
  expect(order).toEqual(['old', 'ours', 'old']);
  expect(all.find(({ old }) => !old)?.at).toBeGreaterThanOrEqual(oursSince);
  expect((await azure(cluster)).concurrentWrites).toEqual([]);
});

it('has let no pod reach the metadata service itself at any moment, while 1.8.17 took its redirection away either', () => {
  const fromPods = cluster.azure
    .connections()
    .filter(({ name, from }) => name === 'imds' && from.startsWith('10.244.'));
  expect(fromPods).toEqual([]);
});
