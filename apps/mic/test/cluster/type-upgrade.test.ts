import { readAzureIdentity } from '@aad-pod-identity/crd-types';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const API = 'aadpodidentity.k8s.io/v1';
const KEY = 'type-upgrade-status';

describe('the type upgrade', () => {
  let cluster: TestCluster;
  const running: RunningMic[] = [];
  const start = (...args: string[]): RunningMic => {
    const mic = startMic(cluster, args);
    running.push(mic);
    return mic;
  };
  const stop = (): Promise<unknown> => Promise.all(running.splice(0).map((mic) => mic.stop()));
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await stop();
    await cluster.close();
  });

  const create = (kind: string, name: string, spec: object) =>
    cluster.kube.state.create({ apiVersion: API, kind, metadata: { namespace: 'default', name }, spec });
  const get = (kind: string, name: string) => cluster.kube.state.get(API, kind, 'default', name);
  const configMap = () =>
    cluster.kube.state.get('v1', 'ConfigMap', 'mic-ns', 'aad-pod-identity-config') as
      { data?: Record<string, string> } | undefined;
  const isDone = () => configMap()?.data?.[KEY] !== undefined;
  const patches = (): string[] =>
    cluster.kube.requests.flatMap(({ method, path, status }) =>
      method === 'PATCH' && status === 200 && path.includes('aadpodidentity') && !path.endsWith('/status')
        ? [path.split('/').at(-1) ?? '']
        : [],
    );

  /** As the walk-through prints them. */
  function oldObjects(name = 'demo'): string {
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name });
    create('AzureIdentity', name, { type: 0, ResourceID: id, ClientID: clientId });
    create('AzureIdentityBinding', name, { AzureIdentity: name, Selector: name });
    return id;
  }

  const columns = async (plural: string): Promise<unknown[]> => {
    const url = `${cluster.kube.url}/apis/${API}/namespaces/default/${plural}`;
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const table = (await (await fetch(url, { headers })).json()) as { rows: { cells: unknown[] }[] };
    return table.rows.map(({ cells }) => cells.slice(0, 3));
  };

  it('rewrites capitalised fields once, so that kubectl’s columns are filled, and means the same', async () => {
    const id = oldObjects();
    create('AzurePodIdentityException', 'e', { PodLabels: { app: 'x' } });
    const before = readAzureIdentity(get('AzureIdentity', 'demo'));
    const [[, , empty]] = (await columns('azureidentities')) as [[string, number, unknown]];
    start();
    await eventually(isDone);
    const after = readAzureIdentity(get('AzureIdentity', 'demo'));
    const specOf = (read: typeof after) => (read.ok ? read.value.spec : undefined);
    expect([specOf(after), empty]).toEqual([specOf(before), null]);
    expect(get('AzureIdentity', 'demo')?.spec).toEqual({
      type: 0,
      resourceID: id,
      clientID: expect.any(String) as string,
    });
    expect(get('AzurePodIdentityException', 'e')?.spec).toEqual({ podLabels: { app: 'x' } });
    expect(await columns('azureidentities')).toEqual([['demo', 0, expect.stringMatching(/^[0-9a-f-]{36}$/)]]);
    expect(await columns('azureidentitybindings')).toEqual([['demo', 'demo', 'demo']]);
    expect(configMap()?.data).toEqual({ [KEY]: expect.stringMatching(/^v/) as string });
  });

  it('writes nothing to objects that are canonical', async () => {
    cluster.bindIdentity('new');
    oldObjects('old');
    start();
    await eventually(isDone);
    expect(patches().sort()).toEqual(['old', 'old']);
  });

  it('is not done again where a 1.8.17 has done it', async () => {
    oldObjects();
    cluster.kube.state.create({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { [KEY]: 'v1.8.17' } },
      metadata: { namespace: 'mic-ns', name: 'aad-pod-identity-config' },
    });
    cluster.addVm('vm-0');
    cluster.addPod('web', 'vm-0', 'demo');
    start();
    await eventually(cluster.allAssigned(1));
    expect([patches().filter((name) => name === 'demo'), configMap()?.data]).toEqual([[], { [KEY]: 'v1.8.17' }]);
  });

  it('with --enable-type-upgrade=false nothing is rewritten; another ConfigMap and key are used where flags say so', async () => {
    oldObjects();
    cluster.addVm('vm-0');
    cluster.addPod('web', 'vm-0', 'demo');
    start('--enable-type-upgrade=false');
    await eventually(cluster.allAssigned(1));
    expect([patches().filter((name) => name === 'demo'), configMap()]).toEqual([[], undefined]);
    await stop();
    start('--config-map-name=other', '--type-upgrade-status-key=done');
    const other = () => cluster.kube.state.get('v1', 'ConfigMap', 'mic-ns', 'other') as { data?: object } | undefined;
    await eventually(() => other()?.data !== undefined);
    expect(other()?.data).toEqual({ done: expect.stringMatching(/^v/) as string });
  });

  it('one that somebody forbids to write holds up no other, and is tried again', async () => {
    oldObjects();
    const path = /azureidentities\/demo$/;
    const forbidden = { kind: 'status', status: 403, message: 'a webhook says no' } as const;
    cluster.kube.faults.add({ method: 'PATCH', path, times: 2, action: forbidden });
    start();
    await eventually(isDone);
    expect(patches()).toEqual(['demo', 'demo']);
    const triesOf = (part: string) =>
      cluster.kube.requests.filter(({ method, path: at }) => method === 'PATCH' && at.endsWith(part));
    const [tries, bindings] = [triesOf('azureidentities/demo'), triesOf('azureidentitybindings/demo')];
    expect(tries.map(({ status }) => status)).toEqual([403, 403, 200]);
    expect(bindings[0]?.at).toBeLessThan(tries[1]?.at ?? 0);
  });

  it('one bad object does not hold up the others, and is left as it is', async () => {
    create('AzureIdentity', 'a-bad', { ResourceID: ['x'] });
    create('AzureIdentity', 'b-refused', { Type: 0, ResourceID: 'no-resource-id' });
    const refused = get('AzureIdentity', 'b-refused')?.spec;
    const id = oldObjects('c-good');
    start();
    await eventually(isDone);
    expect(get('AzureIdentity', 'a-bad')?.spec).toEqual({ ResourceID: ['x'] });
    expect(get('AzureIdentity', 'b-refused')?.spec).toEqual(refused);
    expect(get('AzureIdentity', 'c-good')?.spec).toMatchObject({ resourceID: id });
  });

  it('what somebody writes at the same moment is kept', async () => {
    oldObjects();
    cluster.kube.faults.add({
      method: 'PATCH',
      path: /azureidentities\/demo$/,
      action: { kind: 'status', status: 409 },
    });
    start();
    await eventually(isDone);
    expect(get('AzureIdentity', 'demo')?.spec).toMatchObject({ resourceID: expect.any(String) as string });
  });

  it('ended in the middle it goes on where it was', async () => {
    for (let index = 0; index < 20; index++) oldObjects(`old-${index}`);
    cluster.kube.faults.add({
      ...{ method: 'PATCH', path: /azureidentitybindings/, times: Infinity },
      action: { kind: 'status', status: 500 },
    });
    start();
    await eventually(() => patches().length === 20);
    await stop();
    expect(isDone()).toBe(false);
    cluster.kube.faults.clear();
    start();
    await eventually(isDone);
    expect(patches().length).toBe(40);
  });
});
