/** What a 1.8.17 leaves on a real API server: the lock that it holds, and objects in its old spelling. */
import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';
import { node } from '@aad-pod-identity/testing';
import { type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { type MicProcess, startMicProcess } from '../../src/mic-process.ts';
import { until } from '../../src/node-cluster.ts';
import { create, pod } from './support.ts';

const CRDS = join(import.meta.dirname, '../../../charts/aad-pod-identity/crds');
const API_VERSION = 'aadpodidentity.k8s.io/v1';
const LOCK = 'aad-pod-identity-mic';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LEASE_MS = 10_000;

let cluster: Cluster;
let azure: AzureSimulator;
let mic: MicProcess | undefined;
let resourceID: string;

const start = async (): Promise<void> => {
  const flags = [`--leader-election-duration=${LEASE_MS}ms`, '--leader-election-instance=new'];
  mic = await startMicProcess(cluster.kubeconfig, azure, ...flags);
};
const stop = async (): Promise<void> => {
  await mic?.stop();
  mic = undefined;
};

beforeAll(async () => {
  cluster = await startCluster({ profile: 'control-plane', name: 'e2e-predecessor', fresh: true });
  await cluster.kubectl('create', '-f', CRDS);
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  azure = await startAzureSimulator();
  const { providerId } = azure.addVm({ resourceGroup: 'nodes', name: 'vm-0' });
  const { uid: _uid, resourceVersion: _version, ...metadata } = node({ name: 'vm-0' }).metadata;
  await create(cluster, { ...node({ name: 'vm-0', providerID: providerId }), metadata });
  await until(async () => (await cluster.kubectl('get', 'serviceaccount', '-o', 'name')).includes('/default'));

  const { id, clientId } = azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
  resourceID = id;
  const old = (kind: string, spec: object) => ({ apiVersion: API_VERSION, kind, metadata: { name: 'demo' }, spec });
  const own = pod('web', { nodeName: 'vm-0' });
  await create(
    cluster,
    old('AzureIdentity', { type: 0, ResourceID: id, ClientID: clientId }),
    old('AzureIdentityBinding', { AzureIdentity: 'demo', Selector: 'demo' }),
    { ...own, metadata: { ...own.metadata, labels: { aadpodidbinding: 'demo' } } },
  );
});
afterAll(async () => {
  await stop();
  await azure.close();
  await cluster.stop();
});

interface ElectionRecord {
  readonly holderIdentity: string;
  readonly leaderTransitions: number;
  readonly renewTime: string;
}

interface Stored {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const get = async (kind: string, name: string): Promise<Stored> =>
  JSON.parse(await cluster.kubectl('get', kind, name, '-o', 'json')) as Stored;

async function record(): Promise<ElectionRecord> {
  const { metadata } = await get('endpoints', LOCK);
  return JSON.parse(metadata.annotations?.[LEADER] ?? '{}') as ElectionRecord;
}

/** As client-go writes it. */
function electionRecord(holderIdentity: string, leaderTransitions: number): string {
  const now = `${new Date(systemClock.now()).toISOString().slice(0, 19)}Z`;
  const times = { acquireTime: now, renewTime: now };
  return JSON.stringify({ holderIdentity, leaseDurationSeconds: LEASE_MS / 1000, ...times, leaderTransitions });
}

/** The server warns that Endpoints are deprecated. */
async function createLock(): Promise<void> {
  const annotations = { [LEADER]: electionRecord('old', 0) };
  const object = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: LOCK, annotations } };
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'create', '-f', '-'];
  expect((await cluster.exec(command, JSON.stringify(object))).code).toBe(0);
}

const renew = (): Promise<string> =>
  cluster.kubectl('annotate', '--overwrite', 'endpoints', LOCK, `${LEADER}=${electionRecord('old', 0)}`);
const records = (): Promise<string> => cluster.kubectl('get', 'azureassignedidentity', '-o', 'name');

describe('beside a 1.8.17 on a real API server', () => {
  it('that renews its Endpoints lock nothing is written; when it renews no more, ours leads and does the work', async () => {
    await createLock();
    await start();
    // Ours holds the Lease and is next in line for as long as the old one leads.
    await until(async () => (await cluster.kubectl('get', 'lease', '-o', 'name')).includes(LOCK));
    for (let renewals = 0; renewals < 8; renewals++) {
      await renew();
      expect([(await record()).holderIdentity, (await records()).trim()]).toEqual(['old', '']);
      await systemClock.sleep(LEASE_MS / 5);
    }
    await until(async () => (await record()).holderIdentity === 'new');
    expect((await record()).leaderTransitions).toBe(1);
    await until(async () => (await records()).includes('web-default-demo'));
    await cluster.kubectl(
      ...['wait', '--for=jsonpath={.status.status}=Assigned', 'azureassignedidentity/web-default-demo'],
      '--timeout=60s',
    );
    expect(azure.state.assignedTo(azure.state.resources.keys().next().value ?? '')).toEqual([resourceID.toLowerCase()]);
  });

  it('ours goes on to renew it, for the controllers of the server leave it alone', async () => {
    const { renewTime } = await record();
    await until(async () => (await record()).renewTime !== renewTime);
    expect(await record()).toMatchObject({ holderIdentity: 'new', leaderTransitions: 1 });
  });
});

describe('objects of before 1.6 on a real API server', () => {
  it('are rewritten once, say the same, and fill the columns', async () => {
    const done = ['get', 'configmap', 'aad-pod-identity-config', '--ignore-not-found', '-o', 'jsonpath={.data}'];
    await until(async () => (await cluster.kubectl(...done)).includes('type-upgrade-status'));
    const identity = await get('azureidentity', 'demo');
    const binding = await get('azureidentitybinding', 'demo');
    expect(identity.spec).toMatchObject({ type: 0, resourceID });
    expect(Object.keys(identity.spec)).not.toEqual(expect.arrayContaining(['ResourceID']));
    expect(binding.spec).toEqual({ azureIdentity: 'demo', selector: 'demo' });
    expect(await cluster.kubectl('get', 'azureidentitybinding', 'demo')).toMatch(/demo +demo +demo/);
  });

  it('a MIC that starts after that writes them no more, and the lock is given back in between', async () => {
    const before = [await get('azureidentity', 'demo'), await get('azureidentitybinding', 'demo')];
    await stop();
    expect((await record()).holderIdentity).toBe('');
    await start();
    await until(async () => (await record()).holderIdentity === 'new');
    await cluster.kubectl('label', 'pod', 'web', 'aadpodidbinding=none', '--overwrite');
    await until(async () => (await records()).trim() === '');
    const after = [await get('azureidentity', 'demo'), await get('azureidentitybinding', 'demo')];
    expect(after.map(({ spec }) => spec)).toEqual(before.map(({ spec }) => spec));
    expect(after[1]?.metadata.resourceVersion).toBe(before[1]?.metadata.resourceVersion);
  });
});
