/** Objects that 1.8.17 left behind, its finalizer on each record. */
import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

describe('a record of 1.8.17', () => {
  let cluster: TestCluster;
  let mic: RunningMic | undefined;
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await mic?.stop();
    mic = undefined;
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  /** An identity on `vm-0`, and the record of pod `web` that says so. */
  function inherit(finalizers: readonly string[] = [LEGACY_FINALIZER]): string {
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
    const vm = cluster.addVm('vm-0', [id]);
    const identity = azureIdentity({ spec: { resourceID: id, clientID: clientId } });
    const record = azureAssignedIdentity({ pod: 'web', node: 'vm-0', identity });
    const metadata = { ...record.metadata, finalizers: [...finalizers] };
    for (const object of [identity, azureIdentityBinding(), { ...record, metadata }]) cluster.kube.state.create(object);
    return vm;
  }
  const finalizers = () => cluster.records()[0]?.metadata.finalizers;
  const deleteRecord = () =>
    cluster.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureAssignedIdentity', 'default', 'web-default-demo');

  it('loses its finalizer also while ARM cannot be reached: what it says is in the ledger then', async () => {
    inherit();
    cluster.addPod('web', 'vm-0', 'demo');
    await cluster.azure.control.stop('arm');
    mic = startMic(cluster);
    await eventually(() => finalizers()?.length === 0);
    expect([cluster.ledgers(), cluster.states()]).toEqual([1, ['web-default-demo Assigned']]);
    await cluster.azure.control.start('arm');
  });

  it('that somebody deletes while ARM cannot be reached is gone at once, and its identity when ARM is back', async () => {
    const vm = inherit();
    await cluster.azure.control.stop('arm');
    deleteRecord();
    expect(cluster.records()).toHaveLength(1);
    mic = startMic(cluster);
    await eventually(() => cluster.records().length === 0);
    await cluster.azure.control.start('arm');
    await eventually(() => cluster.assigned(vm).length === 0);
    await eventually(() => cluster.ledgers() === 0);
  });

  it('of a node that is gone goes without a call to ARM', async () => {
    const vm = inherit();
    cluster.kube.state.delete('v1', 'Node', undefined, 'vm-0');
    mic = startMic(cluster);
    await eventually(() => cluster.records().length === 0);
    expect([
      cluster.assigned(vm).length,
      cluster.azure.state.requests.filter(({ service }) => service === 'arm'),
    ]).toEqual([1, []]);
  });

  it('keeps the finalizer of somebody else', async () => {
    inherit([LEGACY_FINALIZER, 'example.com/mine']);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => finalizers()?.length === 1);
    expect(finalizers()).toEqual(['example.com/mine']);
  });
});
