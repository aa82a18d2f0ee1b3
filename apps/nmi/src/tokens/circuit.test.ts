import { ImdsError, type ImdsToken } from '@aad-pod-identity/imds';
import { fakeClock } from '@aad-pod-identity/testing';
import { asNmiError } from '../errors.ts';
import { behindCircuit } from './circuit.ts';

const TOKEN: ImdsToken = {
  ...{ accessToken: 'x', clientId: 'c', expiresOn: 2, notBefore: 1, resource: 'r', tokenType: 'Bearer' },
};
const NEVER = new AbortController().signal;
const DEAD = new ImdsError('unreachable', 'dead');

function setUp() {
  const clock = fakeClock();
  const state = { failure: undefined as Error | undefined, calls: 0, changes: [] as [string, boolean][] };
  const source = (): Promise<ImdsToken> => {
    state.calls++;
    return state.failure === undefined ? Promise.resolve(TOKEN) : Promise.reject(state.failure);
  };
  const ask = behindCircuit(source, {
    ...{ targetOf: (request: string) => request, clock, random: () => 0.5 },
    onChange: (...change) => state.changes.push(change),
  });
  const outcome = (target = 't') =>
    ask(target, NEVER).then(
      () => 'token',
      (error: unknown) => {
        const { code, retryAfterMs } = asNmiError(error);
        return retryAfterMs === undefined ? code : `${code}, again in ${retryAfterMs} ms`;
      },
    );
  const times = async (count: number, target = 't') => {
    const outcomes = [];
    for (let nth = 0; nth < count; nth++) outcomes.push(await outcome(target));
    return outcomes;
  };
  return { clock, state, outcome, times };
}

describe('a target of token requests', () => {
  it('that fails five times in a row is left alone, for longer each time', async () => {
    const { clock, state, times } = setUp();
    state.failure = DEAD;
    await times(5);
    expect(await times(100)).toEqual(Array(100).fill('upstreamUnavailable, again in 1000 ms'));
    expect(state.calls).toBe(5);
    await clock.advance(120_000);
    for (let minute = 0; minute < 10; minute++) {
      await times(100);
      await clock.advance(60_000);
    }
    expect(state.calls).toBe(15);
  });

  it('is asked by one request alone whether it is back, and then by all', async () => {
    const { clock, state, times, outcome } = setUp();
    state.failure = DEAD;
    await times(5);
    await clock.advance(1_000);
    state.failure = undefined;
    const [first, second] = [outcome(), outcome()];
    expect([await first, await second]).toEqual(['token', 'upstreamUnavailable, again in 1000 ms']);
    expect(await times(3)).toEqual(['token', 'token', 'token']);
    expect(state.changes).toEqual([
      ['t', true],
      ['t', false],
    ]);
  });

  it('that throttles is left alone for as long as it asks', async () => {
    const { clock, state, outcome } = setUp();
    state.failure = new ImdsError('throttled', 'slow', { retryAfterMs: 20_000 });
    await outcome();
    state.failure = undefined;
    expect(await outcome()).toBe('throttled, again in 20000 ms');
    await clock.advance(20_000);
    expect([await outcome(), state.calls]).toEqual(['token', 2]);
  });

  it('that asks for a pause of days is asked again after five minutes', async () => {
    const { clock, state, outcome } = setUp();
    state.failure = new ImdsError('throttled', 'slow', { retryAfterMs: 10 * 86_400_000 });
    await outcome();
    state.failure = undefined;
    await clock.advance(299_000);
    expect([await outcome(), state.calls]).toEqual(['throttled, again in 1000 ms', 1]);
    await clock.advance(1_000);
    expect([await outcome(), state.calls]).toEqual(['token', 2]);
  });

  it('that refuses is alive', async () => {
    const { state, times } = setUp();
    state.failure = new ImdsError('identityNotFound', 'no');
    expect(await times(20)).toEqual(Array(20).fill('tokenRefused'));
    expect(state.calls).toBe(20);
  });

  it('says nothing about another', async () => {
    const { state, times, outcome } = setUp();
    state.failure = DEAD;
    await times(5, 'dead');
    state.failure = undefined;
    expect(await outcome('other')).toBe('token');
  });

  it('is not counted against when the caller left', async () => {
    const { state } = setUp();
    const leaver = new AbortController();
    const ask = behindCircuit((_: string, signal) => Promise.reject(signal.reason as Error), {
      targetOf: () => 't',
      clock: fakeClock(),
      onChange: (...change) => state.changes.push(change),
    });
    leaver.abort(new Error('left'));
    for (let nth = 0; nth < 10; nth++) await expect(ask('t', leaver.signal)).rejects.toThrow('left');
    expect(state.changes).toEqual([]);
  });
});
