/** What operators of 1.8.17 suffered from between pods, nodes and Azure; each test is named by what ours does. */
import { node } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

describe('pods and nodes, as operators need them', () => {
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

  const writes = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.update');

  it('26: a completed pod releases its identity, and its record goes', async () => {
    const set = cluster.addScaleSet('set', 1);
    cluster.bindIdentity('done');
    const kept = cluster.bindIdentity('kept');
    for (const name of ['done', 'kept']) cluster.addPod(name, 'set-0', name);
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    cluster.kube.state.patch('v1', 'Pod', 'default', 'done', { status: { phase: 'Failed' } });
    await eventually(() => cluster.states().join() === 'kept-default-kept Assigned');
    await eventually(() => cluster.assigned(set).join() === kept);
  });

  it('26: 151 identities are 2 requests', async () => {
    const vm = cluster.addVm('vm-0');
    for (let at = 0; at < 151; at++) cluster.bindIdentity(`id-${at}`, 'demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--clientQps=0']);
    await eventually(cluster.allAssigned(151));
    expect([cluster.assigned(vm).length, writes().map(({ note }) => note)]).toEqual([
      151,
      ['assign 150, remove 0', 'assign 1, remove 0'],
    ]);
  });

  it('41: an empty providerID is waited for; subscription and group come from the providerID', async () => {
    const place = { subscriptionId: 'another-subscription', resourceGroup: 'another-group', name: 'set', instances: 1 };
    const { id, providerIds } = cluster.azure.addScaleSet(place);
    cluster.kube.state.create(node({ name: 'set-0', providerID: '' }));
    const armId = cluster.bindIdentity('demo');
    cluster.addPod('web', 'set-0', 'demo');
    mic = startMic(cluster);
    const reads = () => cluster.azure.state.requests.filter(({ service }) => service === 'arm').length;
    await eventually(() => cluster.kube.requests.some(({ path }) => path.endsWith('/leases')));
    expect([cluster.states(), reads()]).toEqual([[], 0]);
    cluster.kube.state.patch('v1', 'Node', undefined, 'set-0', { spec: { providerID: providerIds[0] } });
    await eventually(cluster.allAssigned(1));
    expect(cluster.assigned(id)).toEqual([armId]);
  });
});
