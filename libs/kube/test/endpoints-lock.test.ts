import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { EndpointsCandidate } from '@aad-pod-identity/testing/kubernetes';
import { createLeaderElector, type LeaderElector, LOCK_ANNOTATION } from '../src/index.ts';
import { type Connected, connectToSimulator, until } from './connected.ts';

const DURATION_MS = 2_000;

let connected: Connected;
let name: string;
let running: { stop: () => Promise<void> }[] = [];
let count = 0;

beforeAll(async () => {
  connected = await connectToSimulator();
});
beforeEach(() => {
  name = `lock-${++count}`;
});
afterEach(async () => {
  connected.simulator.faults.clear();
  await Promise.all(running.map(({ stop }) => stop()));
  running = [];
});
afterAll(() => connected.close());

interface Candidate {
  readonly elector: LeaderElector;
  readonly log: string[];
  readonly stop: () => Promise<void>;
}

function candidate(identity: string, endpointsLock = true): Candidate {
  const stopping = new AbortController();
  const log: string[] = [];
  const elector = createLeaderElector({
    ...{ client: connected.client, namespace: 'default', name, identity, durationMs: DURATION_MS, endpointsLock },
    ...{ clock: systemClock, logger: silentLogger },
    onStarted: async (signal) => {
      log.push('started');
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
      log.push(`stopped, ${elector.mayWrite() ? 'still' : 'no longer'} the only one`);
    },
  });
  const ended = elector.run(stopping.signal);
  const stop = async () => {
    stopping.abort(new Error('stop'));
    await ended;
  };
  running.push({ stop });
  return { elector, log, stop };
}

const predecessor = (identity = 'old') =>
  new EndpointsCandidate(connected.simulator, systemClock, {
    namespace: 'default',
    ...{ name, identity, durationMs: DURATION_MS },
  });
const leads = ({ elector }: Candidate) => elector.isLeader();
const object = () => connected.simulator.state.get('v1', 'Endpoints', 'default', name);
const annotation = () => object()?.metadata.annotations?.[LOCK_ANNOTATION] ?? '';
const leaseHolder = () => {
  const lease = connected.simulator.state.get('coordination.k8s.io/v1', 'Lease', 'default', name);
  return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
};

it('the record is what client-go writes, field by field, in whole seconds', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  expect(annotation()).toMatch(
    new RegExp(
      `^{"holderIdentity":"a","leaseDurationSeconds":2,"acquireTime":"${time}","renewTime":"${time}","leaderTransitions":0}$`,
    ),
  );
});

it('what else is in the object stays', async () => {
  connected.simulator.state.create({
    ...{ apiVersion: 'v1', kind: 'Endpoints', subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] },
    metadata: { name, labels: { keep: 'me' }, annotations: { other: 'x' } },
  });
  const a = candidate('a');
  await until(() => leads(a));
  expect(object()).toMatchObject({
    metadata: { labels: { keep: 'me' }, annotations: { other: 'x' } },
    subsets: [{ addresses: [{ ip: '10.0.0.1' }] }],
  });
});

it('while a 1.8.17 renews the Endpoints lock ours waits, first in line for it, and leads once that has run out', async () => {
  const old = predecessor();
  expect(old.tryAcquireOrRenew()).toBe(true);
  const [a, b] = [candidate('a'), candidate('b')];
  for (let renewals = 0; renewals < 6; renewals++) {
    await systemClock.sleep(DURATION_MS / 4);
    expect([old.tryAcquireOrRenew(), leads(a), leads(b)]).toEqual([true, false, false]);
  }
  expect(['a', 'b']).toContain(leaseHolder());
  await until(() => leads(a) || leads(b));
  expect(old.holder()).toBe(leaseHolder());
});

it('a 1.8.17 sees ours as the holder, and takes over as soon as ours has ended', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  const old = predecessor();
  for (let looks = 0; looks < 8; looks++) {
    expect([old.tryAcquireOrRenew(), old.holder()]).toEqual([false, 'a']);
    await systemClock.sleep(DURATION_MS / 5);
  }
  await a.stop();
  expect([old.tryAcquireOrRenew(), old.holder(), leaseHolder()]).toEqual([true, 'old', '']);
});

function takeEndpoints(): void {
  const record = { holderIdentity: 'old', leaseDurationSeconds: 60, renewTime: 'now' };
  const metadata = { annotations: { [LOCK_ANNOTATION]: JSON.stringify(record) } };
  connected.simulator.state.patch('v1', 'Endpoints', 'default', name, { metadata });
}

function takeLease(): void {
  const spec = { holderIdentity: 'b', leaseDurationSeconds: 60, renewTime: '2026-01-01T00:00:00.000000Z' };
  connected.simulator.state.patch('coordination.k8s.io/v1', 'Lease', 'default', name, { spec });
}

it.each([
  ['Endpoints', takeEndpoints],
  ['Lease', takeLease],
] as const)('who loses the %s stops', async (_lock, take) => {
  const a = candidate('a');
  await until(() => leads(a));
  take();
  await until(() => a.log.length === 2);
  expect(a.log).toEqual(['started', 'stopped, no longer the only one']);
});

it('who loses the Lease gives the Endpoints lock back when it has stopped', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  takeLease();
  await until(() => predecessor().holder() === '');
  expect(a.log).toEqual(['started', 'stopped, no longer the only one']);
});

it('who waits for the Endpoints lock gives the Lease back when told to stop', async () => {
  const old = predecessor();
  old.tryAcquireOrRenew();
  const a = candidate('a');
  await until(() => leaseHolder() === 'a');
  await a.stop();
  expect([leaseHolder(), a.log]).toEqual(['', []]);
});

it('an annotation that is no record holds for the time of a lease, then it is overwritten', async () => {
  connected.simulator.state.create({
    ...{ apiVersion: 'v1', kind: 'Endpoints' },
    metadata: { name, annotations: { [LOCK_ANNOTATION]: '{"leaseDurationSeconds":2,' } },
  });
  const a = candidate('a');
  await until(() => leaseHolder() === 'a');
  expect(leads(a)).toBe(false);
});

it('of five that want both exactly one leads, and another after it', async () => {
  const all = Array.from({ length: 5 }, (_, index) => candidate(`c${index}`));
  await until(() => all.some(leads));
  const first = all.filter(leads);
  expect(first).toHaveLength(1);
  await first[0]?.stop();
  await until(() => all.some((each) => leads(each) && !first.includes(each)));
  expect(all.filter(leads)).toHaveLength(1);
});

it('with the old lock ended it is neither read nor written', async () => {
  const a = candidate('a', false);
  await until(() => leads(a));
  expect(object()).toBeUndefined();
});
