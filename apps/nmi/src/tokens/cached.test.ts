import { ImdsError, type ImdsToken } from '@aad-pod-identity/imds';
import { fakeClock } from '@aad-pod-identity/testing';
import { cached } from './cached.ts';

const LIFE_S = 1_000;
const NEVER = new AbortController().signal;

function setUp({ maxTokens = 10 } = {}) {
  const clock = fakeClock({ now: 0 });
  const calls: string[] = [];
  let failure: Error | undefined;
  let gate: Promise<void> = Promise.resolve();
  const source = async (request: string, signal: AbortSignal): Promise<ImdsToken> => {
    calls.push(request);
    await gate;
    if (signal.aborted) throw signal.reason as Error;
    if (failure !== undefined) throw failure;
    const now = Math.floor(clock.now() / 1000);
    const accessToken = `${request}#${calls.length}`;
    return { accessToken, clientId: 'c', expiresOn: now + LIFE_S, notBefore: now, resource: 'r', tokenType: 'Bearer' };
  };
  const get = cached(source, { keyOf: (request) => request, clock, maxTokens });
  return {
    clock,
    calls,
    get: async (request: string, signal = NEVER) => (await get(request, signal)).accessToken,
    failWith: (error: Error | undefined) => {
      failure = error;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise;
      return () => {
        resolve(undefined);
      };
    },
  };
}

describe('cached', () => {
  it('asks once and again at half of the token’s life', async () => {
    const { clock, get } = setUp();
    expect(await get('a')).toBe('a#1');
    await clock.advance(499_000);
    expect(await get('a')).toBe('a#1');
    await clock.advance(1_000);
    expect(await get('a')).toBe('a#2');
  });

  it('keeps requests with different keys apart', async () => {
    const { get } = setUp();
    expect([await get('a'), await get('b'), await get('a')]).toEqual(['a#1', 'b#2', 'a#1']);
  });

  it.each<[code: 'unreachable' | 'throttled' | 'unavailable' | 'timeout']>([
    ['unreachable'],
    ['throttled'],
    ['unavailable'],
    ['timeout'],
  ])('serves the old token while a refresh fails for a while (%s), until it truly expires', async (code) => {
    const { clock, get, failWith } = setUp();
    await get('a');
    failWith(new ImdsError(code, 'not now'));
    await clock.advance(999_000);
    expect(await get('a')).toBe('a#1');
    await clock.advance(1_000);
    await expect(get('a')).rejects.toMatchObject({ code });
  });

  it('does not serve the old token when a refresh is refused', async () => {
    const { clock, get, failWith } = setUp();
    await get('a');
    failWith(new ImdsError('identityNotFound', 'gone'));
    await clock.advance(600_000);
    await expect(get('a')).rejects.toMatchObject({ code: 'identityNotFound' });
  });

  it('remembers no failure', async () => {
    const { get, failWith } = setUp();
    failWith(new ImdsError('unavailable', 'not now'));
    await expect(get('a')).rejects.toThrow('not now');
    failWith(undefined);
    expect(await get('a')).toBe('a#2');
  });

  it('holds only so many tokens, and forgets what was not used for longest', async () => {
    const { get, calls } = setUp({ maxTokens: 2 });
    for (const request of ['a', 'b', 'a', 'c', 'a', 'b']) await get(request);
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });
});

describe('requests at the same moment', () => {
  it('share one call', async () => {
    const { get, hold, calls } = setUp();
    const release = hold();
    const all = [get('a'), get('a'), get('a')];
    release();
    expect([await Promise.all(all), calls]).toEqual([['a#1', 'a#1', 'a#1'], ['a']]);
  });

  it('go on when one of them leaves', async () => {
    const { get, hold, calls } = setUp();
    const release = hold();
    const leaver = new AbortController();
    const [left, stays] = [get('a', leaver.signal), get('a')];
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    release();
    expect([await stays, calls]).toEqual(['a#1', ['a']]);
  });

  it('give the call up when all have left', async () => {
    const { get, hold, calls } = setUp();
    const release = hold();
    const leaver = new AbortController();
    const left = get('a', leaver.signal);
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    const next = get('a');
    release();
    expect([await next, calls]).toEqual(['a#2', ['a', 'a']]);
  });
});
