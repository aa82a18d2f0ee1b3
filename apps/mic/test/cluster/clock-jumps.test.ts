/** The clock of a machine is set by an hour, forward and back, while MIC runs there. */
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';
import { SkippingClock } from './skipping-clock.ts';

const HOUR = 3_600_000;
const SECOND = 1_000;

/** Time goes on as ever; what the wall clock says can be set. */
class SetClock extends SkippingClock {
  setByMs = 0;

  override now(): number {
    return super.now() + this.setByMs;
  }
}

describe('a clock that is set', () => {
  let cluster: TestCluster;
  const running: { mic: RunningMic; clock: SetClock }[] = [];
  beforeEach(async () => {
    cluster = await TestCluster.start();
    cluster.addVm('vm-0');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ mic }) => mic.stop()));
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  function start(name: string): SetClock {
    const clock = new SetClock();
    running.push({ clock, mic: startMic(cluster, [`--leader-election-instance=${name}`], clock) });
    return clock;
  }

  const lease = () =>
    cluster.kube.state.get('coordination.k8s.io/v1', 'Lease', 'default', 'aad-pod-identity-mic')?.spec as
      { holderIdentity: string; leaseTransitions: number; renewTime: string } | undefined;
  const leader = () => `${lease()?.holderIdentity ?? ''} ${lease()?.leaseTransitions ?? ''}`;
  const patches = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.update').length;
  const tokens = () => cluster.azure.state.requests.filter(({ service }) => service === 'entra').length;

  /** The same time passes for all of them. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SECOND) {
      await Promise.all(running.map(({ clock }) => clock.pass(SECOND, SECOND)));
    }
  }

  it.each([
    ['of the leader', [0]],
    ['of the standby', [1]],
    ['of both', [0, 1]],
  ] as const)('%s makes no second leader', async (_whose, which) => {
    start('first');
    await eventually(() => leader() === 'first 0');
    start('second');
    for (const setByMs of [HOUR, -HOUR, 0]) {
      for (const index of which) (running[index] as { clock: SetClock }).clock.setByMs = setByMs;
      const before = lease()?.renewTime;
      await pass(20 * SECOND);
      expect([leader(), lease()?.renewTime === before]).toEqual(['first 0', false]);
    }
  });

  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('%s brings what waits no sooner and no later, and the token lasts as long as it did', async (_way, setByMs) => {
    const clock = start('first');
    cluster.azure.control.breakIdentity(cluster.bindIdentity('bad', 'demo'), 'forbidden');
    cluster.addPod('web', 'vm-0', 'demo');
    await eventually(() => cluster.condition('web-default-bad')?.status === 'False' && patches() === 1);
    await eventually(() => cluster.condition('web-default-bad')?.reason === 'LinkedAuthorizationFailed');
    const before = tokens();
    clock.setByMs = setByMs;
    await pass(5 * SECOND);
    expect(patches()).toBe(1);
    // It rests for 10 s, then for 20 s.
    await clock.passUntil(() => patches() === 2, 10 * SECOND);
    await pass(15 * SECOND);
    expect(patches()).toBe(2);
    await clock.passUntil(() => patches() === 3, 10 * SECOND);
    expect(tokens()).toBe(before);
  });
});

describe('a token for ARM that is withdrawn', () => {
  it('is replaced as soon as ARM refuses it, and not an hour later', async () => {
    const cluster = await TestCluster.start();
    const clock = new SkippingClock();
    cluster.addVm('vm-0');
    cluster.bindIdentity('first');
    cluster.bindIdentity('second');
    cluster.addPod('one', 'vm-0', 'first');
    const mic = startMic(cluster, [], clock);
    await eventually(cluster.allAssigned(1));
    await clock.pass(30 * SECOND);
    const refusal = { kind: 'status', status: 401, code: 'ExpiredAuthenticationToken' } as const;
    cluster.azure.control.failNext('arm', refusal);
    const tokens = () => cluster.azure.state.requests.filter(({ service }) => service === 'entra').length;
    const before = tokens();
    cluster.addPod('two', 'vm-0', 'second');
    await clock.passUntil(cluster.allAssigned(2), 60 * SECOND);
    expect(tokens()).toBe(before + 1);
    await mic.stop();
    await cluster.close();
  });
});
