import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { startKubernetesSimulator, type KubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createLeaderElector, type KubeClient, type LeaderElector } from '../src/index.ts';

/** Short, for what happens when a lease runs out. */
const DURATION_MS = 1_000;
/** Where the leader has to stay: a busy machine may keep this process from a renewal for a second. */
const LONG_MS = 4_000;
const LEASE = /\/leases/;

const folder = mkdtempSync(join(tmpdir(), 'leader-'));
let simulator: KubernetesSimulator;
let client: KubeClient;
let name: string;
let running: { stop: () => Promise<void> }[] = [];
let count = 0;

beforeAll(async () => {
  simulator = await startKubernetesSimulator();
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, simulator.kubeconfig());
  const options = { kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test' };
  client = await connect({ ...options, qps: 1, burst: 1 });
});

beforeEach(() => {
  name = `lock-${++count}`;
});

afterEach(async () => {
  simulator.faults.clear();
  await Promise.all(running.map(({ stop }) => stop()));
  running = [];
});

afterAll(async () => {
  await client.close();
  await simulator.close();
  rmSync(folder, { recursive: true });
});

interface Candidate {
  readonly elector: LeaderElector;
  /** What happened, in order. */
  readonly log: string[];
  readonly leaders: string[];
  readonly stop: () => Promise<void>;
}

/** Runs an instance whose work waits to be told to stop, and then for `finish`. */
function candidate(
  identity: string,
  { durationMs = DURATION_MS, finish }: { durationMs?: number; finish?: Promise<unknown> } = {},
): Candidate {
  const stopping = new AbortController();
  const log: string[] = [];
  const leaders: string[] = [];
  const elector = createLeaderElector({
    ...{ client, namespace: 'default', name, identity, durationMs, clock: systemClock },
    logger: silentLogger,
    onStarted: async (signal) => {
      log.push('started');
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve, { once: true });
      });
      log.push('told to stop');
      await finish;
      log.push('finished');
    },
    onStopped: () => log.push('stopped'),
    onNewLeader: (leader) => leaders.push(leader),
  });
  const ended = elector.run(stopping.signal);
  const stop = async () => {
    stopping.abort(new Error('stop'));
    await ended;
  };
  running.push({ stop });
  return { elector, log, leaders, stop };
}

const leads = ({ elector }: Candidate) => elector.isLeader();

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(10);
}

const holder = () => {
  const lease = simulator.state.get('coordination.k8s.io/v1', 'Lease', 'default', name) as
    | { spec: { holderIdentity: string; renewTime: string; leaseTransitions: number; leaseDurationSeconds: number } }
    | undefined;
  return lease?.spec;
};

/** Waits until the lease was renewed `times` times: every fifth of its duration, so six are more than one. */
async function renewals(times: number): Promise<void> {
  let last = holder()?.renewTime;
  for (let seen = 0; seen < times; seen++) {
    await until(() => holder()?.renewTime !== last);
    last = holder()?.renewTime;
  }
}

it('the first instance leads and the lease says so', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  expect(holder()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 1, leaseTransitions: 0 });
});

it('a second instance waits as long as the first renews', async () => {
  const a = candidate('a', { durationMs: LONG_MS });
  await until(() => leads(a));
  const b = candidate('b', { durationMs: LONG_MS });
  await until(() => b.leaders.includes('a'));
  await renewals(6);
  expect([leads(a), leads(b)]).toEqual([true, false]);
});

it('on stop the work ends first, then the lease is released, and another leads at once', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  const b = candidate('b');
  await until(() => b.leaders.includes('a'));
  await a.stop();
  expect(a.log).toEqual(['started', 'told to stop', 'finished', 'stopped']);
  await until(() => leads(b));
  expect(holder()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
});

it('a leader that vanished without a word is followed once its lease has run out', async () => {
  const past = '2020-01-01T00:00:00.000000Z';
  simulator.state.create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'default', name },
    spec: { holderIdentity: 'gone', leaseDurationSeconds: 1, acquireTime: past, renewTime: past, leaseTransitions: 4 },
  });
  const b = candidate('b');
  await until(() => leads(b));
  expect(holder()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 5 });
  expect(b.leaders[0]).toBe('gone');
});

it('while its work still ends, the lease is renewed and nobody else leads', async () => {
  const gate = Promise.withResolvers<undefined>();
  const a = candidate('a', { durationMs: LONG_MS, finish: gate.promise });
  await until(() => leads(a));
  const b = candidate('b', { durationMs: LONG_MS });
  const stopped = a.stop();
  await until(() => a.log.includes('told to stop'));
  await renewals(6);
  expect([holder()?.holderIdentity, leads(b)]).toEqual(['a', false]);
  gate.resolve(undefined);
  await stopped;
  await until(() => leads(b));
});

const outages: Record<string, Parameters<KubernetesSimulator['faults']['add']>[0]['action']> = {
  'the API answers with 500': { kind: 'status', status: 500 },
  'the API throttles': { kind: 'status', status: 429, retryAfterSeconds: 1 },
  'the API cuts every connection': { kind: 'reset' },
  'the API is silent': { kind: 'silence' },
};

describe.each(Object.entries(outages))('%s', (_sentence, action) => {
  it('for a moment: the leader stays', async () => {
    const a = candidate('a', { durationMs: LONG_MS });
    await until(() => leads(a));
    simulator.faults.add({ path: LEASE, times: 1, action });
    await renewals(3);
    expect(a.log).toEqual(['started']);
  });

  it('for longer: the leader stops its work before the lease runs out for others, and leads again afterwards', async () => {
    const a = candidate('a');
    await until(() => leads(a));
    simulator.faults.add({ path: LEASE, times: Infinity, action });
    await until(() => !leads(a));
    expect(a.log.slice(0, 2)).toEqual(['started', 'told to stop']);
    simulator.faults.clear();
    await until(() => leads(a));
  });
});

it('a leader whose lease was taken by another stops at once', async () => {
  const a = candidate('a');
  await until(() => leads(a));
  const renewTime = new Date(systemClock.now()).toISOString().replace('Z', '000Z');
  simulator.state.patch('coordination.k8s.io/v1', 'Lease', 'default', name, {
    spec: { holderIdentity: 'b', leaseDurationSeconds: 60, renewTime },
  });
  await until(() => a.log.includes('stopped'));
  expect(leads(a)).toBe(false);
});

it('of ten instances that start together exactly one leads', async () => {
  const all = Array.from({ length: 10 }, (_, index) => candidate(`c${index}`));
  await until(() => all.some(leads));
  await until(() => all.every(({ leaders, elector }) => leaders.length > 0 || elector.isLeader()));
  expect(all.filter(leads)).toHaveLength(1);
});
