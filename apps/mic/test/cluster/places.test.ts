import { node } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const DRIFT = '--identity-assignment-reconcile-interval=100ms';

describe('where identities are assigned', () => {
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

  const writes = (name: string) =>
    cluster.azure.state.requests.filter(
      ({ operation, path }) => operation === 'arm.update' && path.toLowerCase().endsWith(name),
    );

  function addFlexible(name: string, instances: number) {
    const set = cluster.azure.addFlexibleScaleSet({ resourceGroup: 'nodes', name, instances });
    set.vms.forEach(({ providerId }, at) => {
      cluster.kube.state.create(node({ name: `${name}-${at}`, providerID: providerId }));
    });
    return set;
  }

  it('in a flexible scale set it is the VM of the pod’s node, and never the scale set or another of its VMs', async () => {
    const { id: set, vms } = addFlexible('flex', 3);
    const [first, second] = [cluster.bindIdentity('first'), cluster.bindIdentity('second')];
    cluster.addPod('one', 'flex-0', 'first');
    cluster.addPod('two', 'flex-1', 'second');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    const assigned = () => vms.map(({ id }) => cluster.assigned(id).join());
    expect([assigned(), cluster.assigned(set), writes('/flex')]).toEqual([[first, second, ''], [], []]);
    cluster.deletePod('one');
    await eventually(() => assigned().join() === ['', second, ''].join());
  });

  it('VMs of a flexible scale set get theirs beside each other: one that never answers holds up no other', async () => {
    const { vms } = addFlexible('flex', 3);
    cluster.bindIdentity('demo');
    cluster.azure.control.hang('arm', { match: vms[0]?.id.split('/').at(-1) ?? '' });
    for (let at = 0; at < 3; at++) cluster.addPod(`pod-${at}`, `flex-${at}`, 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    expect(cluster.assigned(vms[0]?.id ?? '')).toEqual([]);
    await cluster.azure.control.reset();
  });

  it.each([
    ['a VM', () => cluster.addVm('dying'), 'dying'],
    ['a scale set', () => cluster.addScaleSet('dying', 1), 'dying-0'],
  ])(
    '%s that is being deleted is not written to; the record says why, and others go on',
    async (_case, add, onNode) => {
      const dying = add();
      const other = cluster.addVm('other');
      cluster.azure.control.provisioningState(dying, 'Deleting');
      const armId = cluster.bindIdentity('demo');
      cluster.addPod('on-dying', onNode, 'demo');
      cluster.addPod('on-other', 'other', 'demo');
      mic = startMic(cluster, [DRIFT]);
      await eventually(() => cluster.condition('on-dying-default-demo')?.reason === 'ComputeResourceDeleting');
      await eventually(cluster.allAssigned(1));
      const looked = cluster.azure.state.requests.length;
      await eventually(() => cluster.azure.state.requests.length > looked + 4);
      expect([writes('/dying'), cluster.assigned(other)]).toEqual([[], [armId]]);
    },
  );

  it('with its last node gone a scale set that lives on is cleaned up, also by a MIC that starts later', async () => {
    const set = cluster.addScaleSet('set', 2);
    cluster.bindIdentity('demo');
    cluster.addPod('one', 'set-0', 'demo');
    cluster.addPod('two', 'set-1', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    cluster.kube.state.delete('v1', 'Node', undefined, 'set-0');
    await eventually(cluster.allAssigned(1));
    expect(cluster.assigned(set)).toHaveLength(1);
    await mic.stop();
    cluster.kube.state.delete('v1', 'Node', undefined, 'set-1');
    mic = startMic(cluster);
    await eventually(() => cluster.states().length === 0 && cluster.assigned(set).length === 0);
  });

  it('nodes of one scale set that write its id in different cases are one place: one read, one write', async () => {
    const { id, providerIds } = cluster.azure.addScaleSet({ resourceGroup: 'Nodes', name: 'Set', instances: 2 });
    const [first = '', second = ''] = providerIds;
    const shouted = `azure://${second.slice('azure://'.length).toUpperCase()}`;
    [first, shouted].forEach((providerID, at) => cluster.kube.state.create(node({ name: `set-${at}`, providerID })));
    const armId = cluster.bindIdentity('demo');
    for (let at = 0; at < 2; at++) cluster.addPod(`pod-${at}`, `set-${at}`, 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    const reads = cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get');
    expect([cluster.assigned(id), writes('/set').length, reads.length]).toEqual([[armId], 1, 1]);
  });
});
