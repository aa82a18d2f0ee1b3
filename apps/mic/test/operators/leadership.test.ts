/** Row 7: restarts, lost leader leases. MIC runs as processes of its own, with leases of two seconds. */
import { jest } from '@jest/globals';
import { systemClock } from '@aad-pod-identity/runtime';
import { EndpointsCandidate } from '@aad-pod-identity/testing/kubernetes';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';
import { MicProcess } from '../cluster/process.ts';
import { SkippingClock } from '../cluster/skipping-clock.ts';

/** Processes start, and leases run out, in real time. */
jest.setTimeout(60_000);

const LEASE = /\/(leases|endpoints)\b/;
const LOCK = { namespace: 'default', name: 'aad-pod-identity-mic', durationMs: 2_000 };

let cluster: TestCluster;
const running: MicProcess[] = [];
/** Everything it sends carries its name. */
const start = (name: string, ...args: string[]): MicProcess => {
  const mic = MicProcess.of(
    cluster,
    `--leader-election-instance=${name}`,
    `--custom-user-agent=instance-${name}`,
    ...args,
  );
  running.push(mic);
  return mic;
};
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((mic) => mic.stop('SIGKILL')));
  const { concurrentWrites } = cluster.azure.state;
  await cluster.close();
  expect(concurrentWrites).toEqual([]);
});

const by = (name: string) => (request: { userAgent: string }) => request.userAgent.includes(`instance-${name}`);

/** Requests of `name` that write something other than who leads, from `since` on, as method and path. */
function writes(name: string, since = 0): string[] {
  const isWrite = ({ method, at }: { method: string; at: number }) => method !== 'GET' && at >= since;
  const arm = cluster.azure.state.requests.filter(({ service }) => service === 'arm');
  return [...cluster.kube.requests.filter(({ path }) => !LEASE.test(path)), ...arm]
    .filter(by(name))
    .filter(isWrite)
    .map(({ method, path }) => `${method} ${path}`);
}

const isActive = async (mic: MicProcess): Promise<boolean> => (await mic.url('healthPort', '/healthz')) === 'Active';

const PHASES: readonly (readonly [string, readonly string[], () => Promise<void>])[] = [
  [
    'waits for what is on the scale set',
    [],
    async () => {
      cluster.azure.control.latency('arm.get', 1_500);
      cluster.addPod('first', 'set-0', 'demo');
      await eventually(() => cluster.kube.requests.some(({ path }) => path.includes('azureassignedidentities')));
      await systemClock.sleep(300);
    },
  ],
  [
    'waits for its write to the scale set',
    [],
    async () => {
      cluster.azure.control.arm.updateMs = 1_500;
      cluster.addPod('first', 'set-0', 'demo');
      await eventually(() => cluster.armWrites() === 1);
    },
  ],
  [
    'waits for its turn to write records',
    ['--clientQps=1'],
    async () => {
      for (let index = 0; index < 120; index++) cluster.addPod(`many-${index}`, 'set-0', 'demo');
      await eventually(() => cluster.records().length >= 30);
    },
  ],
];

describe('7: a leader that was stopped past its lease while it', () => {
  it.each(PHASES)('%s writes nothing when it wakes up', async (_phase, args, begin) => {
    cluster.addScaleSet('set', 1);
    cluster.bindIdentity('demo');
    const first = start('first', ...args);
    await eventually(() => isActive(first));
    const second = start('second', '--clientQps=0');
    await second.url('healthPort', '/healthz');
    await begin();
    first.pause();
    await eventually(() => isActive(second));
    cluster.addPod('later', 'set-0', 'demo');
    await eventually(() => cluster.states().includes('later-default-demo Assigned'));
    const wokenAt = systemClock.now();
    first.wake();
    await eventually(async () => (await first.url('healthPort', '/healthz')) === 'Not Active');
    const settled = cluster.version('later-default-demo');
    await eventually(() => cluster.kube.requests.some((each) => by('first')(each) && each.at > wokenAt + 500));
    expect([writes('first', wokenAt), cluster.version('later-default-demo')]).toEqual([[], settled]);
  });
});

it('7: takeover after a crash, by a standby that has read everything already, and without a second PATCH', async () => {
  const set = cluster.addScaleSet('set', 1);
  const identity = cluster.bindIdentity('demo');
  for (let index = 0; index < 50; index++) cluster.addPod(`web-${index}`, 'set-0', 'demo');
  const first = start('first');
  await eventually(cluster.allAssigned(50));
  const second = start('second');
  expect(await second.url('healthPort', '/healthz')).toBe('Not Active');
  const isList = ({ method, path, query }: { method: string; path: string; query: string }) =>
    method === 'GET' && !query.includes('watch=true') && !LEASE.test(path) && !path.includes('configmaps');
  const lists = () => cluster.kube.requests.filter(by('second')).filter(isList).length;
  await eventually(() => lists() >= 5);
  const before = lists();
  await first.stop('SIGKILL');
  await eventually(() => isActive(second));
  cluster.addPod('later', 'set-0', 'demo');
  await eventually(cluster.allAssigned(51));
  expect([lists(), cluster.armWrites(), cluster.assigned(set)]).toEqual([before, 1, [identity]]);
});

it('7: hand-over on a clean stop does not wait for the lease to run out', async () => {
  const first = start('first', '--leader-election-duration=60s');
  await eventually(() => isActive(first));
  const standby = start('second', '--leader-election-duration=60s');
  await standby.url('healthPort', '/healthz');
  expect(await first.stop('SIGTERM')).toBe(0);
  const endedAt = systemClock.monotonic();
  await eventually(() => isActive(standby));
  expect(systemClock.monotonic() - endedAt).toBeLessThan(30_000);
});

describe('7: beside a 1.8.17', () => {
  let old: EndpointsCandidate;
  beforeEach(() => {
    old = new EndpointsCandidate(cluster.kube, systemClock, { ...LOCK, identity: 'old' });
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
  });

  it('that leads ours writes nothing, and leads when it has gone: the upgrade', async () => {
    old.tryAcquireOrRenew();
    const mic = start('new');
    await mic.url('healthPort', '/healthz');
    for (let renewals = 0; renewals < 8; renewals++) {
      await systemClock.sleep(LOCK.durationMs / 4);
      expect([old.tryAcquireOrRenew(), writes('new')]).toEqual([true, []]);
    }
    await eventually(cluster.allAssigned(1));
    expect(old.holder()).toBe('new');
  });

  it('ours is seen as the leader, and hands over as soon as it ends: the rollback', async () => {
    const mic = start('new');
    await eventually(cluster.allAssigned(1));
    for (let looks = 0; looks < 8; looks++) {
      await systemClock.sleep(LOCK.durationMs / 4);
      expect([old.tryAcquireOrRenew(), old.holder()]).toEqual([false, 'new']);
    }
    await mic.stop('SIGTERM');
    expect(old.tryAcquireOrRenew()).toBe(true);
  });

  it('that is gone for good a flag ends its lock', async () => {
    old.tryAcquireOrRenew();
    start('new', '--leader-election-endpoints=false');
    await eventually(cluster.allAssigned(1));
    expect(old.holder()).toBe('old');
  });
});

describe('in this process', () => {
  let mic: RunningMic;
  beforeEach(() => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
  });
  afterEach(() => mic.stop());

  const lease = () =>
    cluster.kube.state.get('coordination.k8s.io/v1', 'Lease', LOCK.namespace, LOCK.name)?.spec as
      { renewTime: string; leaseTransitions: number } | undefined;

  it('7: renewal is never starved by work', async () => {
    // Renewals come by a clock that waits for what each of its steps sets in motion, however busy the machine is.
    const clock = new SkippingClock();
    mic = startMic(cluster, ['--clientQps=1'], clock);
    for (let index = 0; index < 200; index++) cluster.addPod(`many-${index}`, 'vm-0', 'demo');
    await eventually(() => cluster.records().length >= 70);
    for (let renewals = 0; renewals < 10; renewals++) {
      const before = lease()?.renewTime;
      await clock.passUntil(() => lease()?.renewTime !== before, 10_000);
    }
    expect([lease()?.leaseTransitions, cluster.records().length < 200]).toEqual([0, true]);
  });

  it.each([
    ['10 s outage of the API', 10_000, '15s'],
    ['outage of several leases', 9_000, '2s'],
  ])('7: a %s restarts nothing, and nothing is written twice', async (_outage, ms, duration) => {
    mic = startMic(cluster, [`--leader-election-duration=${duration}`]);
    cluster.addPod('first', 'vm-0', 'demo');
    await eventually(cluster.allAssigned(1));
    await cluster.kube.stop();
    cluster.addPod('second', 'vm-0', 'demo');
    await systemClock.sleep(ms);
    await cluster.kube.start();
    await eventually(cluster.allAssigned(2));
    expect(cluster.armWrites()).toBe(1);
  });
});
