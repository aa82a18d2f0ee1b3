import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

let cluster: TestCluster;
let mic: RunningMic;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop();
  await cluster.close();
});

interface Event {
  readonly type: string;
  readonly reason: string;
  readonly count: number;
  readonly source: { readonly component: string };
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid: string };
}

/** `<kind> <name>: <type> <reason> <count>` of each, sorted. */
function events(): string[] {
  const found = cluster.kube.state.list('v1', 'Event') as unknown as Event[];
  return found
    .map(({ type, reason, count, involvedObject: { kind, name } }) => `${kind} ${name}: ${type} ${reason} ${count}`)
    .sort();
}
const until = (event: string): Promise<void> => eventually(() => events().includes(event));

/** What the API server says to writes of records, as often as told. */
function refuse(method: string, status: number, times = 1): void {
  cluster.kube.faults.add({
    method,
    path: /azureassignedidentities/,
    watch: false,
    times,
    action: { kind: 'status', status },
  });
}

/** Passes of MIC over the VM, by what it reads. */
const reads = (): number => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get').length;

describe('an Event', () => {
  it('tells of what is applied and removed, once, from the component of 1.8.17, of the object as it is', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms', '--syncRetryDuration=50ms']);
    await until('AzureIdentityBinding demo: Normal binding applied 1');
    cluster.deletePod('web');
    await until('AzureIdentityBinding demo: Normal binding removed 1');
    const found = cluster.kube.state.list('v1', 'Event') as unknown as Event[];
    expect(new Set(found.map(({ source }) => source.component))).toEqual(new Set(['aadpodidentity.k8s.io']));
    const binding = cluster.kube.state.get('aadpodidentity.k8s.io/v1', 'AzureIdentityBinding', 'default', 'demo');
    expect(new Set(found.map(({ involvedObject }) => involvedObject.uid))).toEqual(new Set([binding?.metadata.uid]));
  });

  it('says that the state of a record could not be written, on the record', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.azure.control.arm.updateMs = 300;
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    refuse('PATCH', 422, 2);
    await until('AzureAssignedIdentity web-default-demo: Warning status update error 1');
    await eventually(cluster.allAssigned(1));
    await until('AzureIdentityBinding demo: Normal binding applied 1');
    expect(events()).toHaveLength(2);
  });

  it('says that a record could not be created', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    refuse('POST', 403, 2);
    mic = startMic(cluster);
    await until('AzureIdentityBinding demo: Warning binding apply error 1');
    await eventually(cluster.allAssigned(1));
  });

  it('says that a record could not be deleted', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    refuse('DELETE', 403, 2);
    cluster.deletePod('web');
    await until('AzureIdentityBinding demo: Warning binding remove error 1');
    await until('AzureIdentityBinding demo: Normal binding removed 1');
  });

  it('says once why an identity is not assigned, however often that is tried', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    const failure = { kind: 'status', status: 400, code: 'SomethingNew' } as const;
    cluster.azure.control.failNext('arm.update', failure, { times: 3 });
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await until('AzureIdentityBinding demo: Warning binding apply error 1');
    await until('AzureIdentityBinding demo: Normal binding applied 1');
    expect(cluster.armWrites()).toBe(4);
    expect(events()).toHaveLength(2);
  });

  it('says that the VM or scale set may not be written at all, once for each pod', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.azure.control.deny(vm);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms']);
    await until('AzureIdentityBinding demo: Warning binding apply error 1');
    expect(cluster.messages().join()).toContain('DenyAssignmentAuthorizationFailed');
    const before = reads();
    await eventually(() => reads() > before + 5);
    expect(events()).toHaveLength(1);
  });

  it('says once why an identity is not released', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms']);
    await until('AzureIdentityBinding demo: Normal binding applied 1');
    cluster.azure.control.deny(vm);
    cluster.deletePod('web');
    await until('AzureIdentityBinding demo: Warning binding remove error 1');
    const before = reads();
    await eventually(() => reads() > before + 5);
    expect(events()).toHaveLength(2);
  });

  it('is none while the API server has no time: the next try is near', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    refuse('POST', 429, 1);
    mic = startMic(cluster);
    await until('AzureIdentityBinding demo: Normal binding applied 1');
    expect(events()).toHaveLength(1);
  });
});
