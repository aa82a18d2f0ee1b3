import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { type AssignedIdentity, eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

describe('MIC while others change things', () => {
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

  it('an identity that somebody else puts there between two looks stays, also when the last pod goes', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    const { azure } = cluster;
    const foreign = azure.addIdentity({ resourceGroup: 'identities', name: 'foreign' }).id;
    azure.state.assign(azure.state.resource(vm), foreign);
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 1);
    expect(cluster.assigned(vm)).toEqual([foreign.toLowerCase()]);
  });

  it('an identity that somebody takes off is back within a drift interval', async () => {
    const vm = cluster.addVm('vm-0');
    const identity = cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=200ms']);
    await eventually(cluster.allAssigned(1));
    cluster.azure.state.resource(vm).userAssigned.clear();
    await eventually(() => cluster.assigned(vm).includes(identity));
  });

  it('in the steady state there is no ARM write, and no API write', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms', '--syncRetryDuration=50ms']);
    await eventually(cluster.allAssigned(1));
    const reads = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get').length;
    const isRecordWrite = ({ method, path }: { method: string; path: string }) =>
      method !== 'GET' && /azureassigned|configmaps/.test(path);
    const [before, writesBefore] = [reads(), cluster.kube.requests.filter(isRecordWrite).length];
    await eventually(() => reads() > before + 5);
    expect(cluster.armWrites()).toBe(1);
    expect(cluster.kube.requests.filter(isRecordWrite)).toHaveLength(writesBefore);
  });

  it('an edited identity is replaced: the old one goes, the new one comes', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    const other = cluster.newIdentity('other');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'demo', {
      spec: { resourceID: other },
    });
    await eventually(() => cluster.assigned(vm).join() === other.toLowerCase());
    await eventually(cluster.allAssigned(1));
  });

  it('with a node its records go without an ARM call for a VM; its scale set is still cleaned', async () => {
    const [vm, set] = [cluster.addVm('vm-0'), cluster.addScaleSet('set', 1)];
    cluster.bindIdentity('demo');
    cluster.addPod('on-vm', 'vm-0', 'demo');
    cluster.addPod('on-set', 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    cluster.kube.state.delete('v1', 'Node', undefined, 'vm-0');
    cluster.kube.state.delete('v1', 'Node', undefined, 'set-0');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(set).length === 0);
    expect(cluster.assigned(vm)).toHaveLength(1);
  });

  it('what 1.8.17 wrote is taken over as it is but for its finalizer, and cleaned up with its last pod', async () => {
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
    const vm = cluster.addVm('vm-0', [id]);
    const identity = azureIdentity({ spec: { resourceID: id, clientID: clientId } });
    cluster.kube.state.create(identity);
    cluster.kube.state.create(azureIdentityBinding());
    cluster.addPod('web', 'vm-0', 'demo');
    const old = azureAssignedIdentity({ pod: 'web', node: 'vm-0', identity });
    cluster.kube.state.create({ ...old, metadata: { ...old.metadata, finalizers: [LEGACY_FINALIZER] } });
    const [{ spec, status }] = cluster.records() as [AssignedIdentity];
    mic = startMic(cluster);
    await eventually(() => cluster.records()[0]?.metadata.finalizers?.length === 0);
    expect([cluster.ledgers(), cluster.records()]).toMatchObject([1, [{ spec, status }]]);
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
  });

  it('an identity that is deleted by hand from the cluster is released, and a record deleted by hand comes back', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    cluster.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureAssignedIdentity', 'default', 'web-default-demo');
    await eventually(cluster.allAssigned(1));
    cluster.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'demo');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
    await eventually(() => cluster.ledgers() === 0);
  });

  it('a record names the client id that Azure knows, whatever its author wrote', async () => {
    cluster.addVm('vm-0');
    const mine = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'mine' });
    const theirs = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'theirs' });
    cluster.kube.state.create(azureIdentity({ spec: { resourceID: mine.id, clientID: theirs.clientId } }));
    cluster.kube.state.create(azureIdentityBinding());
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    expect(JSON.stringify(cluster.records())).toContain(mine.clientId);
    expect(JSON.stringify(cluster.records())).not.toContain(theirs.clientId);
    expect(cluster.condition('web-default-demo')).toMatchObject({ status: 'True', reason: 'ClientIDMismatch' });
  });

  it('what Azure refused to assign and somebody else then assigned is theirs: it stays', async () => {
    const vm = cluster.addVm('vm-0');
    const identity = cluster.bindIdentity('demo');
    cluster.azure.control.deny(vm, true);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('web-default-demo')?.reason === 'DenyAssignmentAuthorizationFailed');
    await eventually(() => cluster.ledgers() === 0);
    await mic.stop();
    cluster.azure.state.assign(cluster.azure.state.resource(vm), identity);
    cluster.azure.control.deny(vm, false);
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0);
    expect(cluster.assigned(vm)).toEqual([identity]);
  });

  it('a namespaced identity serves its own namespace, with its records there', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    cluster.addPod('foreign', 'vm-0', 'demo', { namespace: 'other' });
    mic = startMic(cluster, ['--forceNamespaced']);
    await eventually(cluster.allAssigned(1));
    expect(cluster.states()).toEqual(['web-default-demo Assigned']);
  });
});
