/** Rows 40 and 44, and the other reasons why a pod gets no identity: each is said once. */
import { systemClock } from '@aad-pod-identity/runtime';
import { azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { REASONS } from '../../src/plan/reasons.ts';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

/** Graces are over as soon as they begin. */
const GRACES = new Set<number>(Object.values(REASONS).map(({ graceMs }) => graceMs));
const impatient = {
  ...systemClock,
  schedule: (ms: number, callback: () => void) => systemClock.schedule(GRACES.has(ms) ? 50 : ms, callback),
};

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
  readonly message: string;
  readonly count: number;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const events = (): Event[] => cluster.kube.state.list('v1', 'Event') as unknown as Event[];
/** `<kind> <name>: <type> <reason> <count>` of each. */
const told = (): string[] =>
  events().map(
    ({ type, reason, count, involvedObject: { kind, name } }) => `${kind} ${name}: ${type} ${reason} ${count}`,
  );
const until = (event: string): Promise<void> => eventually(() => told().includes(event));
const start = (): void => {
  mic = startMic(cluster, ['--syncRetryDuration=100ms', '--identity-assignment-reconcile-interval=50ms'], impatient);
};
/** Passes over everything: what was to be said again would have been. */
async function severalPasses(): Promise<void> {
  const reads = (): number => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get').length;
  const before = reads();
  await eventually(() => reads() > before + 10);
}

function addNmi(node: string, phase: 'Running' | 'Pending' = 'Running'): void {
  const labels = { 'app.kubernetes.io/component': 'nmi', tier: 'node' };
  cluster.kube.state.create(pod({ name: `nmi-${node}`, namespace: 'nmi', node, labels, phase, hostNetwork: true }));
}

it('40: Event when a bound pod’s node has no NMI', async () => {
  for (const name of ['with', 'without', 'starting']) cluster.addVm(name);
  cluster.bindIdentity('demo');
  addNmi('with');
  addNmi('starting', 'Pending');
  for (const name of ['with', 'without', 'starting']) cluster.addPod(`on-${name}`, name, 'demo');
  cluster.addPod('unbound', 'without', 'other');
  start();
  await until('Pod on-without: Warning NodeWithoutNMI 1');
  await until('Pod on-starting: Warning NodeWithoutNMI 1');
  await eventually(cluster.allAssigned(3));
  await severalPasses();
  expect(
    told()
      .filter((event) => event.includes('NMI'))
      .sort(),
  ).toEqual(['Pod on-starting: Warning NodeWithoutNMI 1', 'Pod on-without: Warning NodeWithoutNMI 1']);
});

it('40: where NMI runs nowhere no node is blamed, and where it comes in time nothing is said', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
  start();
  await eventually(cluster.allAssigned(1));
  await severalPasses();
  expect(told().filter((event) => event.includes('NMI'))).toEqual([]);
  addNmi('vm-0');
  cluster.addVm('vm-1');
  addNmi('vm-1');
  cluster.addPod('next', 'vm-1', 'demo');
  await eventually(cluster.allAssigned(2));
  await severalPasses();
  expect(told().filter((event) => event.includes('NMI'))).toEqual([]);
});

it('44: warning Event when one carries the label', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('host', 'vm-0', 'demo', { hostNetwork: true });
  cluster.addPod('web', 'vm-0', 'demo');
  start();
  await until('Pod host: Warning HostNetwork 1');
  await eventually(cluster.allAssigned(2));
  await severalPasses();
  expect(told().filter((event) => event.startsWith('Pod'))).toEqual(['Pod host: Warning HostNetwork 1']);
});

describe('a reason is said once, whatever the number of pods and passes:', () => {
  const binding = (name: string, options: object = {}) =>
    cluster.kube.state.create(azureIdentityBinding({ name, selector: 'demo', ...options }));
  const pods = (): void => {
    for (const name of ['a', 'b', 'c']) cluster.addPod(name, 'vm-0', 'demo');
  };

  it.each<[string, () => void, string, RegExp]>([
    [
      'a binding to an identity that does not exist',
      () => {
        binding('demo', { identity: 'missing' });
        pods();
      },
      'AzureIdentityBinding demo: Warning binding apply error 1',
      /IdentityNotFound: there is no AzureIdentity default\/missing$/,
    ],
    [
      'the same without a pod',
      () => binding('demo', { identity: 'missing', selector: 'demo' }),
      'AzureIdentityBinding demo: Warning binding apply error 1',
      /IdentityNotFound: there is no AzureIdentity default\/missing$/,
    ],
    [
      'a selector that matches nothing',
      () => cluster.bindIdentity('demo', 'nobody'),
      'AzureIdentityBinding demo: Normal SelectorMatchesNothing 1',
      /^no pod carries the label aadpodidbinding: nobody$/,
    ],
    [
      'two bindings that name one identity',
      () => {
        cluster.bindIdentity('demo');
        binding('second', { identity: 'demo' });
        pods();
      },
      'AzureIdentityBinding second: Normal DuplicateBinding 1',
      /^binding demo gives identity demo to the same pods, and comes first$/,
    ],
    [
      'a malformed identity',
      () => {
        cluster.bindIdentity('demo');
        const spec = { resourceID: '' };
        cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'demo', { spec });
        pods();
      },
      'AzureIdentityBinding demo: Warning binding apply error 1',
      /IdentityInvalid: spec\.resourceID: found nothing/,
    ],
    [
      'a binding without a selector',
      () => {
        cluster.bindIdentity('demo');
        const spec = { selector: '' };
        cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentityBinding', 'default', 'demo', { spec });
      },
      'AzureIdentityBinding demo: Warning binding apply error 1',
      /BindingInvalid: spec\.selector: found nothing/,
    ],
    [
      'a label that no binding selects',
      () => cluster.addPod('a', 'vm-0', 'nobody'),
      'Pod a: Warning NoBinding 1',
      /^no AzureIdentityBinding selects aadpodidbinding: nobody$/,
    ],
  ])('%s', async (_case, arrange, event, message) => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('ticks', 'ticks');
    cluster.addPod('ticks', 'vm-0', 'ticks');
    arrange();
    start();
    await until(event);
    await severalPasses();
    const found = events().filter((each) => message.test(each.message));
    expect(found.map(({ count }) => count)).toEqual([1]);
    expect(told().filter((each) => each === event)).toHaveLength(1);
  });

  it('a selector that a pod had once is none that matches nothing', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('job', 'vm-0', 'demo');
    start();
    await eventually(() => cluster.identityCondition('demo')?.status === 'True');
    cluster.deletePod('job');
    await eventually(() => cluster.states().length === 0);
    cluster.bindIdentity('other', 'nobody');
    await until('AzureIdentityBinding other: Normal SelectorMatchesNothing 1');
    expect(told().filter((event) => event.includes('demo: Normal Selector'))).toEqual([]);
  });
});
