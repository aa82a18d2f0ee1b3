import { ImdsError } from '@aad-pod-identity/imds';
import { aTokenCache as setUp } from '../../test/token-cache.ts';

describe('a token that holds', () => {
  it('is asked for once, and again in the background at half of its life', async () => {
    const { clock, get, calls, results } = setUp();
    expect(await get('a')).toBe('a#1');
    await clock.advance(499_000);
    expect([await get('a'), calls.length]).toEqual(['a#1', 1]);
    await clock.advance(1_000);
    expect([await get('a'), calls.length]).toEqual(['a#2', 2]);
    expect(results).toEqual(['miss', 'hit', 'refreshed', 'hit']);
  });

  it('is never held back by its own renewal', async () => {
    const { clock, get, hold } = setUp();
    await get('a');
    const release = hold();
    await clock.advance(999_000);
    expect(await get('a')).toBe('a#1');
    release();
  });

  it.each<[code: ConstructorParameters<typeof ImdsError>[0]]>([
    ['unreachable'],
    ['throttled'],
    ['unavailable'],
    ['timeout'],
    ['identityNotFound'],
  ])('is answered to its true end while its renewal fails (%s), and no longer', async (code) => {
    const { clock, get, failWith } = setUp();
    await get('a');
    failWith(new ImdsError(code, 'not now'));
    await clock.advance(999_000);
    expect(await get('a')).toBe('a#1');
    await clock.advance(1_000);
    await expect(get('a')).rejects.toMatchObject({ code });
  });

  it('survives an outage of half its life that begins at the worst moment, without an error', async () => {
    const { clock, get, failWith } = setUp();
    await get('a');
    await clock.advance(499_000);
    failWith(new ImdsError('unreachable', 'not now'));
    for (let second = 0; second < 500; second += 10) {
      await clock.advance(10_000);
      expect(await get('a')).toBe('a#1');
    }
    failWith(undefined);
    await clock.advance(60_000);
    expect(await get('a')).not.toBe('a#1');
  });

  it('is asked for again and again while that fails, less and less often', async () => {
    const { clock, get, failWith, calls } = setUp();
    await get('a');
    failWith(new ImdsError('unavailable', 'not now'));
    await clock.advance(999_000);
    expect(calls.length).toBeGreaterThan(8);
    expect(calls.length).toBeLessThan(16);
  });

  it('that comes back with the same end is asked for after half of what remains, but not in a hot loop', async () => {
    const { clock, get, calls } = setUp({ sharedExpiry: 1_000 });
    await get('a');
    await clock.advance(750_000);
    expect(calls.length).toBe(3);
    await clock.advance(249_000);
    expect(calls.length).toBeLessThan(15);
  });

  it('is not renewed any more when nobody used it for a whole life', async () => {
    const { clock, get, calls } = setUp();
    await get('a');
    await clock.advance(5_000_000);
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(clock.pending()).toBe(0);
  });
});

describe('a refusal', () => {
  const refuse = () => new ImdsError('identityNotFound', 'gone');

  it('answers identical requests for a moment, and is then asked for again', async () => {
    const { clock, get, failWith, calls } = setUp();
    failWith(refuse());
    await expect(get('a')).rejects.toThrow('gone');
    await expect(get('a')).rejects.toThrow('gone');
    expect(calls.length).toBe(1);
    failWith(undefined);
    await clock.advance(5_000);
    expect(await get('a')).toBe('a#2');
  });

  it('does not outlive a change of its AzureIdentity', async () => {
    const { get, failWith, cache } = setUp();
    failWith(refuse());
    await expect(get('a')).rejects.toThrow('gone');
    failWith(undefined);
    cache.forgetRefusals('a');
    expect(await get('a')).toBe('a#2');
  });

  it('says nothing about other requests', async () => {
    const { get, failWith } = setUp();
    failWith(refuse());
    await expect(get('a')).rejects.toThrow('gone');
    failWith(undefined);
    expect(await get('b')).toBe('b#2');
  });

  it('is none where the caller left', async () => {
    const { get, hold } = setUp();
    const release = hold();
    const leaver = new AbortController();
    const left = get('a', leaver.signal);
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    release();
    expect(await get('a')).toBe('a#2');
  });
});

describe('the cache', () => {
  it('keeps requests with different keys apart', async () => {
    const { get } = setUp();
    expect([await get('a'), await get('b'), await get('a')]).toEqual(['a#1', 'b#2', 'a#1']);
  });

  it('holds only so many tokens, and forgets what was not used for longest', async () => {
    const { get, calls } = setUp({ maxTokens: 2 });
    for (const request of ['a', 'b', 'a', 'c', 'a', 'b']) await get(request);
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });

  it('holds only so much text', async () => {
    const { get, cache } = setUp({ maxBytes: 10 });
    for (const request of ['a', 'b', 'c', 'd']) await get(request);
    expect(cache.size).toBe(3);
  });

  it('keeps nothing of an AzureIdentity that is gone, and does not ask for it again', async () => {
    const { get, cache, clock, calls } = setUp();
    await get('a');
    await get('b');
    cache.forget('a');
    expect([cache.size, clock.pending()]).toEqual([1, 1]);
    await clock.advance(500_000);
    expect(calls).toEqual(['a', 'b', 'b']);
  });

  it('leaves no timer when it is closed', async () => {
    const { get, cache, clock } = setUp();
    await get('a');
    cache.close();
    expect(clock.pending()).toBe(0);
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
