import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { aGrant, aPod } from '../../test/objects.ts';
import type { NmiError } from '../errors.ts';
import type { Selector } from '../token-request.ts';
import { createIdentityFinder, type FoundIdentity } from './find-identity.ts';
import type { Grant } from './grant.ts';

const BUDGETS = { watchMs: 2_000, createdMs: 80_000, assignedMs: 20_000, heavierMs: 5_000 };
const ANY: Selector = { by: 'any' };
const NO_LABEL = { ...aPod(), labels: {} };

/** A world of one pod, changed by the test, and a request that runs in it. */
function setUp(grants: readonly Grant[], { pod = aPod(), selector = ANY, retryable = false, log = silentLogger } = {}) {
  const clock = fakeClock();
  const world = { grants, pod: pod as typeof pod | undefined };
  const listeners = new Set<() => void>();
  const find = createIdentityFinder({
    grants: () => world.grants,
    follow: () => () => world.pod,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clock,
    budgets: BUDGETS,
    pendingIsRetryable: retryable,
  });
  const client = new AbortController();
  const outcome = find(pod, selector, { signal: client.signal, log }).then(
    ({ assigned }: FoundIdentity) => `${assigned[0].identity.metadata.name} at ${clock.monotonic()}`,
    (error: unknown) => `${(error as NmiError).code} at ${clock.monotonic()}`,
  );
  const change = (to: Partial<typeof world>): void => {
    Object.assign(world, to);
    for (const listener of listeners) listener();
  };
  return { find, clock, outcome, change, client, listening: () => listeners.size + clock.pending() };
}

describe('waiting for an identity', () => {
  it.each<[sentence: string, grants: Grant[], options: Parameters<typeof setUp>[1], outcome: string]>([
    ['one that is assigned answers at once', [aGrant('a')], {}, 'a at 0'],
    ['no label is refused at once', [aGrant('a')], { pod: NO_LABEL }, 'identityNotFound at 0'],
    ['no binding is refused once the watch had its time', [], {}, 'identityNotFound at 2000'],
    [
      'a selector that no binding gives is refused then too',
      [aGrant('a')],
      { selector: { by: 'clientId', id: 'x' } },
      'identityNotFound at 2000',
    ],
    ['one that can never be assigned is refused then too', [aGrant('a', 'never')], {}, 'identityNotFound at 2000'],
    ['one that is not recorded is waited for 80 s', [aGrant('a', 'expected')], {}, 'identityPending at 80000'],
    ['one that is recorded is waited for 100 s', [aGrant('a', 'created')], {}, 'identityPending at 100000'],
    ['the same with the flag', [aGrant('a', 'created')], { retryable: true }, 'identityPendingRetry at 100000'],
    ['a heavier one is waited for 5 s', [aGrant('a'), aGrant('b', 'created', 1)], {}, 'a at 5000'],
    ['a lighter one is not', [aGrant('a', 'assigned', 1), aGrant('b', 'created')], {}, 'a at 0'],
    ['one as heavy is not', [aGrant('b'), aGrant('a', 'created')], {}, 'b at 0'],
  ])('%s', async (_, grants, options, outcome) => {
    const { clock, outcome: found, listening } = setUp(grants, options);
    await clock.advance(200_000);
    expect([await found, listening()]).toEqual([outcome, 0]);
  });

  type Step = [afterMs: number, to: Parameters<ReturnType<typeof setUp>['change']>[0]];
  it.each<[sentence: string, grants: Grant[], steps: Step[], outcome: string]>([
    [
      'answers at the moment of the change',
      [aGrant('a', 'created')],
      [[1_234, { grants: [aGrant('a')] }]],
      'a at 1234',
    ],
    [
      'sleeps on while nothing usable comes',
      [aGrant('a', 'expected')],
      [
        [500, { grants: [aGrant('a', 'created')] }],
        [500, { grants: [aGrant('a')] }],
      ],
      'a at 1000',
    ],
    [
      'counts its budgets from the start',
      [aGrant('a', 'expected')],
      [[79_000, { grants: [aGrant('a', 'created')] }]],
      'identityPending at 100000',
    ],
    ['takes a binding that the watch brings late', [], [[1_900, { grants: [aGrant('a')] }]], 'a at 1900'],
    [
      'takes the heavier one when it comes',
      [aGrant('a'), aGrant('b', 'created', 1)],
      [[700, { grants: [aGrant('a'), aGrant('b', 'assigned', 1)] }]],
      'b at 700',
    ],
    ['ends when the binding goes', [aGrant('a', 'created')], [[10_000, { grants: [] }]], 'identityNotFound at 10000'],
    ['ends when the pod goes', [aGrant('a', 'created')], [[10_000, { pod: undefined }]], 'identityNotFound at 10000'],
    ['ends when the label goes', [aGrant('a', 'created')], [[10_000, { pod: NO_LABEL }]], 'identityNotFound at 10000'],
  ])('%s', async (_, grants, steps, outcome) => {
    const { clock, outcome: found, change, listening } = setUp(grants);
    for (const [afterMs, to] of steps) {
      await clock.advance(afterMs);
      change(to);
    }
    await clock.advance(200_000);
    expect([await found, listening()]).toEqual([outcome, 0]);
  });

  it('says which object keeps the pod from its identity', async () => {
    const grant = aGrant('a', 'never');
    const identity = { ...grant.identity, spec: { ...grant.identity.spec, resourceID: '' } };
    const find = createIdentityFinder({
      ...{ grants: () => [{ ...grant, identity }], follow: (pod) => () => pod, subscribe: () => () => undefined },
      ...{ clock: fakeClock(), budgets: { ...BUDGETS, watchMs: 0 }, pendingIsRetryable: false },
    });
    const request = { signal: new AbortController().signal, log: silentLogger };
    await expect(find(aPod(), ANY, request)).rejects.toThrow(
      /^Identity not found: AzureIdentity default\/a, spec\.resourceID: found nothing, allowed is /,
    );
  });

  it('ends when the client leaves, and leaves nothing behind', async () => {
    const { clock, outcome, client, listening } = setUp([aGrant('a', 'created')]);
    await clock.advance(1_000);
    client.abort(Object.assign(new Error('left'), { code: 'clientGone' }));
    expect([await outcome, listening()]).toEqual(['clientGone at 1000', 0]);
  });

  it('is told once for a pod, however many of its requests wait, and again when the pod has changed', async () => {
    const told: string[] = [];
    const log = { ...silentLogger, info: (message: string) => void told.push(message) };
    const { find, clock, change } = setUp([aGrant('a', 'created')], { log });
    const ask = () => find(aPod(), ANY, { signal: new AbortController().signal, log });
    const ended = [Promise.allSettled([ask(), ask()])];
    expect(told).toEqual(['waiting for an identity']);
    change({ pod: aPod() });
    ended.push(Promise.allSettled([ask(), ask()]));
    expect(told.length).toBe(2);
    await clock.advance(100_000);
    await Promise.all(ended);
  });
});
