import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

describe('MIC against a cluster and Azure', () => {
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

  it('assigns the identity to the VM of a bound pod, and takes it off with the last pod', async () => {
    const vm = cluster.addVm('vm-0');
    const identity = cluster.bindIdentity('demo');
    mic = startMic(cluster);
    cluster.addPod('web', 'vm-0', 'demo');
    await eventually(() => cluster.states().includes('web-default-demo Assigned'));
    expect(cluster.assigned(vm)).toEqual([identity]);

    cluster.addPod('second', 'vm-0', 'demo');
    await eventually(() => cluster.states().includes('second-default-demo Assigned'));
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 1);
    expect(cluster.assigned(vm)).toEqual([identity]);

    cluster.deletePod('second');
    await eventually(() => cluster.states().length === 0);
    expect(cluster.assigned(vm)).toEqual([]);
    expect(cluster.armWrites()).toBe(2);
    await eventually(() => cluster.events().includes('demo: binding removed'));
    expect(new Set(cluster.events())).toEqual(new Set(['demo: binding applied', 'demo: binding removed']));
  });

  it('an identity stays on a scale set until the last pod on any of its nodes is gone, by one write for both', async () => {
    const set = cluster.addScaleSet('set', 2);
    const identity = cluster.bindIdentity('demo');
    cluster.addPod('db-0', 'set-0', 'demo', { namespace: 'a' });
    cluster.addPod('db-0', 'set-1', 'demo', { namespace: 'b' });
    mic = startMic(cluster);
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 2);
    expect(cluster.armWrites()).toBe(1);
    cluster.deletePod('db-0', 'a');
    await eventually(() => cluster.states().length === 1);
    expect(cluster.assigned(set)).toEqual([identity]);
    cluster.deletePod('db-0', 'b');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(set).length === 0);
  });

  it('an identity that is on the scale set already is Assigned without any ARM write, and never removed', async () => {
    const identity = cluster.bindIdentity('demo');
    const set = cluster.addScaleSet('set', 1, [identity]);
    cluster.addPod('web', 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.states().includes('web-default-demo Assigned'));
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0);
    expect(cluster.armWrites()).toBe(0);
    expect(cluster.assigned(set)).toEqual([identity]);
  });

  it('never takes off an immutable identity, by client id or resource id in any case', async () => {
    const vm = cluster.addVm('vm-0');
    const [first, second] = [cluster.bindIdentity('first', 'demo'), cluster.bindIdentity('second', 'demo')];
    const { clientId } = cluster.azure.state.identity(second);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, [`--immutable-user-msis=${first.toUpperCase()},${clientId.toUpperCase()}`]);
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 2);
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0);
    expect(cluster.assigned(vm)).toEqual([first, second].sort());
  });

  it('20 identities, 3 bad: 17 Assigned in one pass; each bad one has a reason', async () => {
    const vm = cluster.addVm('vm-0');
    const ids = Array.from({ length: 20 }, (_, index) => cluster.bindIdentity(`id-${index}`, 'demo'));
    const [missing = '', forbidden = '', invalid = ''] = [ids[3], ids[8], ids[15]];
    cluster.azure.control.breakIdentity(missing, 'missing');
    cluster.azure.control.breakIdentity(forbidden, 'forbidden');
    cluster.azure.control.breakIdentity(invalid, 'invalid');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 17);
    expect(cluster.assigned(vm)).toHaveLength(17);
    expect(cluster.armWrites()).toBeLessThanOrEqual(4);
    const bad = () => cluster.records().filter(({ status }) => status.status !== 'Assigned');
    const reasons = () => bad().map(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.reason);
    await eventually(() => reasons().every((reason) => reason !== 'Assigning'));
    expect(reasons().sort()).toEqual([
      'FailedIdentityOperation',
      'LinkedAuthorizationFailed',
      'LinkedInvalidPropertyId',
    ]);
    await eventually(() => cluster.events().filter((event) => event.endsWith('binding apply error')).length === 3);
  });

  it('types 1 and 2 are Assigned at once, while ARM does not answer', async () => {
    cluster.addVm('vm-0');
    cluster.azure.control.hang('arm');
    cluster.bindIdentity('managed', 'demo');
    cluster.bindIdentity('principal', 'demo');
    cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'principal', {
      spec: { type: 1 },
    });
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.states().includes('web-default-principal Assigned'));
    await cluster.azure.control.reset();
  });

  it('a pod that has succeeded releases its identity', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('job', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.states().includes('job-default-demo Assigned'));
    cluster.kube.state.patch('v1', 'Pod', 'default', 'job', { status: { phase: 'Succeeded' } });
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
  });

  it('a node with an empty providerID is waited for', async () => {
    const vm = cluster.addVm('vm-0');
    const providerID = (
      cluster.kube.state.get('v1', 'Node', undefined, 'vm-0') as unknown as { spec: { providerID: string } }
    ).spec.providerID;
    cluster.kube.state.patch('v1', 'Node', undefined, 'vm-0', { spec: { providerID: '' } });
    const identity = cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.events().includes('demo: binding apply error'));
    expect(cluster.states()).toEqual([]);
    cluster.kube.state.patch('v1', 'Node', undefined, 'vm-0', { spec: { providerID } });
    await eventually(() => cluster.states().includes('web-default-demo Assigned'));
    expect(cluster.assigned(vm)).toEqual([identity]);
  });

  it('a StatefulSet pod that comes back on another node gets its identity there and loses it on the old one', async () => {
    const [first, second] = [cluster.addVm('vm-0'), cluster.addVm('vm-1')];
    const identity = cluster.bindIdentity('demo');
    cluster.addPod('db-0', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.states().includes('db-0-default-demo Assigned'));
    cluster.deletePod('db-0');
    cluster.addPod('db-0', 'vm-1', 'demo');
    await eventually(() => cluster.assigned(second).length === 1 && cluster.assigned(first).length === 0);
    await eventually(() => cluster.records()[0]?.status.status === 'Assigned');
    expect(cluster.assigned(second)).toEqual([identity]);
    expect(cluster.records().map(({ spec }) => spec.nodename)).toEqual(['vm-1']);
  });

  it('a label that changes, and a binding that goes, release the identity', async () => {
    const vm = cluster.addVm('vm-0');
    const [red, blue] = [cluster.bindIdentity('red'), cluster.bindIdentity('blue')];
    cluster.addPod('web', 'vm-0', 'red');
    mic = startMic(cluster);
    await eventually(() => cluster.states().includes('web-default-red Assigned'));
    expect(cluster.assigned(vm)).toEqual([red]);
    cluster.kube.state.patch('v1', 'Pod', 'default', 'web', { metadata: { labels: { aadpodidbinding: 'blue' } } });
    await eventually(() => cluster.states().join() === 'web-default-blue Assigned');
    expect(cluster.assigned(vm)).toEqual([blue]);
    cluster.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureIdentityBinding', 'default', 'blue');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
  });

  it('two pods of whose names one is that of the other are both served', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('x', 'demo');
    cluster.addPod('a-b', 'vm-0', 'demo', { namespace: 'c' });
    cluster.addPod('a', 'vm-0', 'demo', { namespace: 'b-c' });
    mic = startMic(cluster);
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 2);
    expect(cluster.states()[0]).toMatch(/^a-b-c-x(-[0-9a-f]{12})? Assigned$/);
    cluster.deletePod('a-b', 'c');
    await eventually(() => cluster.states().length === 1);
    expect(cluster.records()[0]?.spec).toMatchObject({ pod: 'a', podNamespace: 'b-c' });
  });
});
