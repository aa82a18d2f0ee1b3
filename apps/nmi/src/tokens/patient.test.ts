import { ImdsError } from '@aad-pod-identity/imds';
import { fakeClock } from '@aad-pod-identity/testing';
import { CircuitOpenError } from './circuit.ts';
import { patient } from './patient.ts';

const TOKEN = { accessToken: 'x', clientId: 'c', expiresOn: 2, notBefore: 1, resource: 'r', tokenType: 'Bearer' };

/** A source that fails with each of `failures` in turn, and then succeeds; the times at which it was asked. */
function setUp(...failures: Error[]) {
  const clock = fakeClock();
  const askedAt: number[] = [];
  const source = () => {
    const failure = failures[askedAt.length];
    askedAt.push(clock.monotonic());
    return failure === undefined ? Promise.resolve(TOKEN) : Promise.reject(failure);
  };
  const ask = patient(source, { clock, deadlineMs: 15_000, random: () => 0.5 });
  const client = new AbortController();
  const outcome = ask('r', client.signal).then(
    () => 'token',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
  return { clock, askedAt, client, outcome };
}

const away = (retryAfterMs?: number) =>
  new ImdsError('unavailable', 'away', retryAfterMs === undefined ? {} : { retryAfterMs });
const MANY = Array.from({ length: 50 }, () => away());

describe('a request with patience', () => {
  it.each<[sentence: string, failures: Error[], askedAt: number[], outcome: string]>([
    ['asks once where that succeeds', [], [0], 'token'],
    [
      'asks again after growing waits while the failure may pass',
      [away(), away(), away()],
      [0, 250, 750, 1750],
      'token',
    ],
    ['waits as long as Retry-After says', [away(5_000)], [0, 5_000], 'token'],
    ['passes a refusal on at once', [new ImdsError('identityNotFound', 'no')], [0], 'identityNotFound'],
    ['passes a Retry-After beyond the deadline on at once', [away(60_000)], [0], 'unavailable'],
    [
      'does not wait for a target that is dead',
      [new CircuitOpenError('upstreamUnavailable', undefined, { retryAfterMs: 4_000 })],
      [0],
      'upstreamUnavailable',
    ],
    [
      'waits for a target that throttles',
      [new CircuitOpenError('throttled', undefined, { retryAfterMs: 4_000 })],
      [0, 4_000],
      'token',
    ],
  ])('%s', async (_, failures, askedAt, outcome) => {
    const { clock, askedAt: seen, outcome: found } = setUp(...failures);
    await clock.advance(20_000);
    expect([await found, seen, clock.pending()]).toEqual([outcome, askedAt, 0]);
  });

  it('ends with the last failure when another attempt would be too late', async () => {
    const { clock, outcome, askedAt } = setUp(...MANY);
    await clock.advance(15_000);
    expect([await outcome, askedAt.length]).toEqual(['unavailable', 7]);
  });

  it('ends with the reason of a caller who leaves', async () => {
    const { clock, outcome, client } = setUp(...MANY);
    await clock.advance(100);
    client.abort(Object.assign(new Error('left'), { code: 'left' }));
    expect([await outcome, clock.pending()]).toEqual(['left', 0]);
  });
});
