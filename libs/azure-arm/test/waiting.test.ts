import { systemClock } from '@aad-pod-identity/runtime';
import { ArmError, type Target } from '../src/index.ts';
import { type Bench, newIdentity, newScaleSet, newVm, startBench } from './azure.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  await bench.azure.control.reset();
  Object.assign(bench.azure.control.arm, { updateMs: 0, follow: 'operation', failAt: 'call' });
});

const failureOf = async (promise: Promise<unknown>): Promise<ArmError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArmError);
  return error as ArmError;
};

async function add(target: Target, ids: string[], client = bench.arm, signal?: AbortSignal) {
  const current = await bench.arm.getIdentities(target);
  return client.updateIdentities(target, { add: ids, remove: [], current }, signal);
}

describe('throttling', () => {
  it.each([
    ['seconds', () => '20'],
    ['an HTTP date', () => new Date(systemClock.now() + 20_500).toUTCString()],
  ])('tells in %s when to come back', async (_, retryAfter) => {
    bench.azure.control.throttle('arm.update', 1, { retryAfter: retryAfter() });
    const error = await failureOf(add(newVm(bench.azure), [newIdentity(bench.azure).id]));
    expect(error).toMatchObject({ code: 'throttled', status: 429, scope: 'resource' });
    expect(error.retryAfterMs).toBeGreaterThan(10_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(21_000);
  });

  it('of a poll is recognised too', async () => {
    bench.azure.control.arm.updateMs = 20;
    bench.azure.control.throttle('arm.poll', 1, { retryAfter: 20 });
    const error = await failureOf(add(newScaleSet(bench.azure), [newIdentity(bench.azure).id]));
    expect(error).toMatchObject({ code: 'throttled', retryAfterMs: 20_000 });
  });

  it('of the subscription says so', async () => {
    bench.azure.control.throttle('arm.get', 1, { retryAfter: 5, code: 'SubscriptionRequestsThrottled' });
    const error = await failureOf(bench.arm.getIdentities(newVm(bench.azure)));
    expect(error).toMatchObject({ code: 'throttled', scope: 'subscription' });
  });

  it('is never retried by the SDK', async () => {
    const target = newVm(bench.azure);
    bench.azure.control.throttle('arm.get', 1, { retryAfter: 0, match: target.name });
    await failureOf(bench.arm.getIdentities(target));
    const requests = bench.azure.state.requests.filter(({ path }) => path.endsWith(target.name));
    expect(requests).toHaveLength(1);
    expect(requests[0]?.userAgent).toContain('arm-test');
  });
});

describe('silence', () => {
  it.each([
    ['a read', 'arm.get', (target: Target) => bench.client({ timeouts: { callMs: 50 } }).getIdentities(target)],
    [
      'a write',
      'arm.update',
      (target: Target) => add(target, [newIdentity(bench.azure).id], bench.client({ timeouts: { callMs: 50 } })),
    ],
    [
      'a poll',
      'arm.poll',
      (target: Target) => add(target, [newIdentity(bench.azure).id], bench.client({ timeouts: { callMs: 200 } })),
    ],
  ] as const)('%s ends at its deadline', async (_, scope, run) => {
    bench.azure.control.arm.updateMs = 20;
    const target = newScaleSet(bench.azure);
    bench.azure.control.hang(scope, { times: 1, ...(scope === 'arm.poll' ? {} : { match: target.name }) });
    expect(await failureOf(run(target))).toMatchObject({ code: 'timeout' });
  });

  it('an operation without end ends at its deadline', async () => {
    bench.azure.control.arm.updateMs = 3000;
    const client = bench.client({ timeouts: { operationMs: 150 } });
    const error = await failureOf(add(newVm(bench.azure), [newIdentity(bench.azure).id], client));
    expect(error).toMatchObject({ code: 'timeout' });
  });

  it('the caller may leave at any time, with its own reason', async () => {
    const target = newVm(bench.azure);
    bench.azure.control.hang('arm.update');
    const controller = new AbortController();
    const leaving = add(target, [newIdentity(bench.azure).id], bench.arm, controller.signal);
    const reason = new Error('leadership lost');
    const unsubscribe = bench.azure.state.recorder.subscribe(({ operation }) => {
      if (operation === 'arm.update') controller.abort(reason);
    });
    await expect(leaving).rejects.toBe(reason);
    unsubscribe();
  });

  it('a reset connection is unreachable', async () => {
    bench.azure.control.failNext('arm.get', { kind: 'reset' });
    expect(await failureOf(bench.arm.getIdentities(newVm(bench.azure)))).toMatchObject({ code: 'unreachable' });
  });

  it('a stopped ARM is unreachable, and answers again once it runs', async () => {
    const target = newVm(bench.azure);
    await bench.azure.control.stop('arm');
    expect(await failureOf(bench.arm.getIdentities(target))).toMatchObject({ code: 'unreachable' });
    await bench.azure.control.start('arm');
    await expect(bench.arm.getIdentities(target)).resolves.toMatchObject({ type: 'None' });
  });
});
