import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { azureIdentity, azureIdentityBinding, node } from '@aad-pod-identity/testing';
import { type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { type MicProcess, startMicProcess } from '../../src/mic-process.ts';
import { until } from '../../src/node-cluster.ts';
import { create, pod } from './support.ts';

const CRDS = join(import.meta.dirname, '../../../charts/aad-pod-identity/crds');

let cluster: Cluster;
let azure: AzureSimulator;
let mic: MicProcess;
beforeAll(async () => {
  cluster = await startCluster({ profile: 'control-plane', name: 'e2e-status', fresh: true });
  await cluster.kubectl('create', '-f', CRDS);
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  azure = await startAzureSimulator();
  const { providerId } = azure.addVm({ resourceGroup: 'nodes', name: 'vm-0' });
  await create(cluster, withoutServersOwn(node({ name: 'vm-0', providerID: providerId })));
  await until(async () => (await cluster.kubectl('get', 'serviceaccount', '-o', 'name')).includes('/default'));
  mic = await startMicProcess(cluster.kubeconfig, azure);
});
afterAll(async () => {
  await mic.stop();
  await azure.close();
  await cluster.stop();
});

/** What the builders say in the place of a server. */
function withoutServersOwn(object: { readonly metadata: object }): object {
  const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata as Record<string, unknown>;
  return { ...object, metadata };
}

/** An identity in Azure and in the cluster, its binding, and a pod that is to have it. */
async function bind(name: string, breakage?: 'forbidden'): Promise<void> {
  const { id, clientId } = azure.addIdentity({ resourceGroup: 'identities', name });
  if (breakage !== undefined) azure.control.breakIdentity(id, breakage);
  const identity = azureIdentity({ name, spec: { resourceID: id, clientID: clientId } });
  const own = pod(name, { nodeName: 'vm-0' });
  const labelled = { ...own, metadata: { ...own.metadata, labels: { aadpodidbinding: name } } };
  await create(cluster, ...[identity, azureIdentityBinding({ name })].map(withoutServersOwn), labelled);
}

/** The row of one object, column by column. */
async function rowOf(kind: string, name: string): Promise<Record<string, string>> {
  const [head = '', row = ''] = (await cluster.kubectl('get', kind, name)).split('\n');
  const titles = head.trim().split(/\s+/);
  const cells = row.trim().split(/\s+/);
  return Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? '']));
}

describe('what kubectl shows of identities', () => {
  it('waits for an identity to be ready, and shows state and reason in columns', async () => {
    await bind('good');
    await cluster.kubectl('wait', '--for=condition=Ready', 'azureidentity/good', '--timeout=60s');
    expect(await rowOf('azureidentity', 'good')).toMatchObject({ TYPE: '0', READY: 'True', REASON: 'Assigned' });
    const wait = ['wait', '--for=condition=Ready', 'azureassignedidentity/good-default-good', '--timeout=60s'];
    await cluster.kubectl(...wait);
    const record = await rowOf('azureassignedidentity', 'good-default-good');
    expect(record).toMatchObject({ POD: 'good', STATE: 'Assigned', READY: 'True', REASON: 'Assigned' });
    expect(await cluster.kubectl('get', 'azureidentity,azureassignedidentity')).toMatch(/READY +REASON/);
  });

  it('says of a broken one what ARM said, and of an edited one what holds now', async () => {
    await bind('bad', 'forbidden');
    const wait = (status: string) =>
      cluster.kubectl('wait', `--for=condition=Ready=${status}`, 'azureidentity/bad', '--timeout=60s');
    await wait('False');
    expect(await rowOf('azureidentity', 'bad')).toMatchObject({ READY: 'False', REASON: 'LinkedAuthorizationFailed' });
    const record = await rowOf('azureassignedidentity', 'bad-default-bad');
    expect(record).toMatchObject({ STATE: 'Created', READY: 'False', REASON: 'LinkedAuthorizationFailed' });
    const { id, clientId } = azure.addIdentity({ resourceGroup: 'identities', name: 'mended' });
    const spec = JSON.stringify({ spec: { resourceID: id, clientID: clientId } });
    await cluster.kubectl('patch', 'azureidentity', 'bad', '--type=merge', '--patch', spec);
    await wait('True');
    const generations = ['-o', 'jsonpath={.metadata.generation} {.status.conditions[0].observedGeneration}'];
    expect(await cluster.kubectl('get', 'azureidentity', 'bad', ...generations)).toBe('2 2');
  });

  it('tells in Events of the binding what happened', async () => {
    await until(async () => (await cluster.kubectl('describe', 'azureidentitybinding', 'good')).includes('applied'));
    const described = await cluster.kubectl('describe', 'azureidentitybinding', 'good');
    expect(described).toMatch(/Normal +binding applied +.*aadpodidentity\.k8s\.io/);
  });

  it('the present state makes no write', async () => {
    const version = () =>
      cluster.kubectl('get', 'azureidentity', '-o', 'jsonpath={.items[*].metadata.resourceVersion}');
    const before = await version();
    await cluster.kubectl('label', 'azureidentitybinding', 'good', 'touched=yes');
    await bind('last');
    await cluster.kubectl('wait', '--for=condition=Ready', 'azureidentity/last', '--timeout=60s');
    expect((await version()).split(' ')).toEqual(expect.arrayContaining(before.split(' ')));
  });
});
