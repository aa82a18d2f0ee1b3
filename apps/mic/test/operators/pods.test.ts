/** Rows 22, 23, 24 and 27: which pod has which identity, and where that is written. */
import { azureIdentityBinding } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

let cluster: TestCluster;
let mic: RunningMic;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop();
  await cluster.close();
  expect(cluster.azure.state.concurrentWrites).toEqual([]);
});

/** `<namespace>/<name> <node>` of each record that is Assigned. */
const assigned = (): string[] =>
  cluster
    .records()
    .filter(({ status }) => status.status === 'Assigned')
    .map(({ spec }) => `${spec.podNamespace}/${spec.pod} ${spec.nodename}`)
    .sort();

it('22: a pod of a StatefulSet that moves node has its identity on the new node, none on the old', async () => {
  const [first, second] = [cluster.addVm('vm-0'), cluster.addVm('vm-1')];
  const identity = cluster.bindIdentity('demo');
  cluster.addPod('db-0', 'vm-0', 'demo');
  mic = startMic(cluster);
  await eventually(() => assigned().join() === 'default/db-0 vm-0');
  cluster.deletePod('db-0');
  cluster.addPod('db-0', 'vm-1', 'demo');
  await eventually(() => assigned().join() === 'default/db-0 vm-1' && cluster.assigned(first).length === 0);
  expect(cluster.assigned(second)).toEqual([identity]);
  expect(cluster.records()).toHaveLength(1);
});

it('23: db-0 in a and b share an identity; deleting one keeps the other', async () => {
  const set = cluster.addScaleSet('set', 2);
  const identity = cluster.bindIdentity('demo');
  cluster.addPod('db-0', 'set-0', 'demo', { namespace: 'a' });
  cluster.addPod('db-0', 'set-1', 'demo', { namespace: 'b' });
  mic = startMic(cluster);
  await eventually(() => assigned().length === 2);
  cluster.deletePod('db-0', 'a');
  await eventually(() => cluster.records().length === 1);
  expect([assigned(), cluster.assigned(set)]).toEqual([['b/db-0 set-1'], [identity]]);
  expect(cluster.armWrites()).toBe(1);
});

it('23: a-b in c and a in b-c coexist, and either may go', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('x', 'demo');
  cluster.addPod('a-b', 'vm-0', 'demo', { namespace: 'c' });
  cluster.addPod('a', 'vm-0', 'demo', { namespace: 'b-c' });
  mic = startMic(cluster);
  await eventually(() => assigned().length === 2);
  expect(assigned()).toEqual(['b-c/a vm-0', 'c/a-b vm-0']);
  cluster.deletePod('a-b', 'c');
  await eventually(() => cluster.records().length === 1);
  expect(assigned()).toEqual(['b-c/a vm-0']);
});

it.each([
  [[], 'default'],
  [['--forceNamespaced'], 'team'],
] as const)('24: as 1.8.17, by mode: with the flags %j the record of an identity of team is in %s', async (...row) => {
  const [flags, namespace] = row;
  const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
  const metadata = { name: 'demo', namespace: 'team' };
  cluster.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  const apiVersion = 'aadpodidentity.k8s.io/v1';
  cluster.addVm('vm-0');
  const spec = { type: 0, resourceID: id, clientID: clientId };
  cluster.kube.state.create({ apiVersion, kind: 'AzureIdentity', metadata, spec });
  cluster.kube.state.create(azureIdentityBinding({ namespace: 'team' }));
  cluster.addPod('web', 'vm-0', 'demo', { namespace: 'team' });
  mic = startMic(cluster, flags);
  await eventually(() => assigned().length === 1);
  expect(cluster.records().map(({ metadata: { name } }) => name)).toEqual(['web-team-demo']);
  expect(cluster.kube.state.get(apiVersion, 'AzureAssignedIdentity', namespace, 'web-team-demo')).toBeDefined();
});

it('27: weight, then name: that binding is on the record, whatever came first', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  const binding = (name: string, weight: number) =>
    cluster.kube.state.create(azureIdentityBinding({ name, identity: 'demo', selector: 'demo', spec: { weight } }));
  binding('z-heavy', 7);
  binding('a-heavy', 7);
  binding('a', 1);
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await eventually(() => assigned().length === 1);
  expect(JSON.stringify(cluster.records())).toContain('"name":"a-heavy"');
  expect(JSON.stringify(cluster.records())).not.toContain('"name":"z-heavy"');
});
