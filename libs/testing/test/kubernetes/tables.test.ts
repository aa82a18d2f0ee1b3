import { fakeClock } from '../../src/index.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import type { JsonRecord } from '../../src/kubernetes/json.ts';
import { shortDuration } from '../../src/kubernetes/table/durations.ts';
import { call } from './call.ts';
import { podObject, PODS, widget, widgetCrd, WIDGETS } from './samples.ts';
import { withFields } from './matchers.ts';

const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

interface Table {
  readonly columnDefinitions: { readonly name: string; readonly priority: number }[];
  readonly rows: { readonly cells: unknown[]; readonly object: JsonRecord }[];
}

describe('tables', () => {
  const clock = fakeClock();
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ clock, crds: [widgetCrd()] });
  });
  afterEach(() => simulator.close());

  /** The first row, by the names of its columns. */
  const row = async (path: string): Promise<JsonRecord> => {
    const { body } = await call(simulator, `GET ${path}`, undefined, { accept });
    const { columnDefinitions, rows } = body as unknown as Table;
    return Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, rows[0]?.cells[index]]));
  };

  it('show a pod as kubectl knows it', async () => {
    simulator.state.create({
      ...podObject('p'),
      spec: { ...podObject('p').spec, nodeName: 'n1' },
      status: { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [{ ready: true, restartCount: 2 }] },
    });
    await clock.advance(61 * 60_000);
    expect(await row(PODS)).toEqual({
      Name: 'p',
      Ready: '1/1',
      Status: 'Running',
      Restarts: '2',
      Age: '61m',
      IP: '10.0.0.1',
      Node: 'n1',
      'Nominated Node': '<none>',
      'Readiness Gates': '<none>',
    });
  });

  it.each<[string, object, object, string]>([
    ['waits', {}, { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] }, 'ImagePullBackOff'],
    [
      'has ended well',
      {},
      { phase: 'Succeeded', containerStatuses: [{ state: { terminated: { reason: 'Completed' } } }] },
      'Completed',
    ],
    ['was killed', {}, { containerStatuses: [{ state: { terminated: { signal: 9 } } }] }, 'Signal:9'],
    ['starts up', {}, { initContainerStatuses: [{ state: { running: {} } }] }, 'Init:0/0'],
    ['is being deleted', { deletionTimestamp: '2026-01-01T00:00:00Z' }, { phase: 'Running' }, 'Terminating'],
    ['has a reason of its own', {}, { phase: 'Failed', reason: 'Evicted' }, 'Evicted'],
  ])('tell by a word that a pod %s', async (_what, metadata, status, expected) => {
    simulator.state.create({ ...podObject('p'), metadata: { name: 'p', ...metadata }, status });
    expect((await row(PODS)).Status).toBe(expected);
  });

  it('show a node with its roles, state and addresses', async () => {
    simulator.state.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/worker': '' } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.9' }],
        nodeInfo: { kubeletVersion: 'v1.35.4' },
      },
    });
    expect(await row('/api/v1/nodes')).toMatchObject({
      Name: 'n1',
      Status: 'Ready,SchedulingDisabled',
      Roles: 'worker',
      Version: 'v1.35.4',
      'Internal-IP': '10.0.0.9',
    });
  });

  it.each<[string, string, object, object]>([
    [
      'a namespace',
      '/api/v1/namespaces',
      { kind: 'Namespace', metadata: { name: 'a' }, status: { phase: 'Active' } },
      { Name: 'a', Status: 'Active' },
    ],
    [
      'a secret',
      '/api/v1/secrets',
      { kind: 'Secret', metadata: { name: 's' }, type: 'Opaque', data: { a: '', b: '' } },
      { Type: 'Opaque', Data: 2 },
    ],
    [
      'an event',
      '/api/v1/events',
      {
        kind: 'Event',
        metadata: { name: 'e' },
        type: 'Normal',
        reason: 'R',
        message: 'm',
        involvedObject: { kind: 'Pod', name: 'p' },
      },
      { Type: 'Normal', Reason: 'R', Object: 'pod/p', Message: 'm' },
    ],
    [
      'endpoints',
      '/api/v1/endpoints',
      {
        kind: 'Endpoints',
        metadata: { name: 'x' },
        subsets: [{ addresses: [{ ip: '1.1.1.1' }], ports: [{ port: 80 }] }],
      },
      { Endpoints: '1.1.1.1:80' },
    ],
    [
      'a service',
      '/api/v1/services',
      { kind: 'Service', metadata: { name: 'x' }, spec: { type: 'ClusterIP', ports: [{ port: 80 }] } },
      { Type: 'ClusterIP', 'Port(s)': '80/TCP' },
    ],
  ])('show %s', async (_what, path, object, expected) => {
    simulator.state.create({ apiVersion: 'v1', ...object });
    expect(await row(path)).toMatchObject(expected);
  });

  it('show a workload', async () => {
    const labels = { app: 'x' };
    const template = { metadata: { labels }, spec: podObject('x').spec };
    const deployment = { metadata: { name: 'd' }, spec: { replicas: 3, selector: { matchLabels: labels }, template } };
    await call(simulator, 'POST /apis/apps/v1/namespaces/default/deployments', deployment);
    expect(await row('/apis/apps/v1/deployments')).toMatchObject({
      Ready: '0/3',
      Containers: 'main',
      Selector: 'app=x',
    });
  });

  it('follow the printer columns of a CRD', async () => {
    await call(simulator, `POST ${WIDGETS}`, widget('w', { size: 4 }));
    const { body } = await call(simulator, `GET ${WIDGETS}`, undefined, { accept });
    const { columnDefinitions, rows } = body as unknown as Table;
    expect(columnDefinitions.map(({ name, priority }) => [name, priority])).toEqual([
      ['Name', 0],
      ['Size', 0],
      ['Phase', 1],
      ['Since', 0],
    ]);
    expect(rows).toEqual([{ cells: ['w', 4, null, '0s'], object: withFields({ kind: 'PartialObjectMetadata' }) }]);
  });

  it.each([
    [-5000, '<invalid>'],
    [0, '0s'],
    [119_000, '119s'],
    [121_000, '2m1s'],
    [600_000, '10m'],
    [3 * 3_600_000, '3h'],
    [3 * 3_600_000 + 300_000, '3h5m'],
    [47 * 3_600_000, '47h'],
    [50 * 3_600_000, '2d2h'],
    [400 * 86_400_000, '400d'],
    [800 * 86_400_000, '2y70d'],
    [4000 * 86_400_000, '10y'],
  ])('write an age of %i ms as %s', (ms, text) => {
    expect(shortDuration(ms)).toBe(text);
  });
});
