import type { ImdsToken } from '@aad-pod-identity/imds';
import { fakeClock } from '@aad-pod-identity/testing';
import { CircuitOpenError } from './circuit.ts';
import { IMDS_PACE, paced } from './paced.ts';

const TOKEN: ImdsToken = {
  ...{ accessToken: 'x', clientId: 'c', expiresOn: 2, notBefore: 1, resource: 'r', tokenType: 'Bearer' },
};
const NEVER = new AbortController().signal;

/** `count` calls at one moment to a side that takes `tookMs` for each. */
function setUp(tookMs: number) {
  const clock = fakeClock();
  const begun: number[] = [];
  const seen = { underWay: 0, most: 0 };
  const source = async (): Promise<ImdsToken> => {
    begun.push(clock.monotonic());
    seen.most = Math.max(seen.most, ++seen.underWay);
    await clock.sleep(tookMs);
    seen.underWay--;
    return TOKEN;
  };
  return { clock, begun, seen, ask: paced(source, IMDS_PACE, clock, (owner: string) => owner) };
}

describe('calls to IMDS', () => {
  it('are never more than five at a time', async () => {
    const { clock, seen, ask } = setUp(500);
    const all = Promise.all(Array.from({ length: 30 }, () => ask('r', NEVER)));
    await clock.advance(3_000);
    await all;
    expect(seen.most).toBe(5);
  });

  it('are never more than twenty in a second, whatever the pods do', async () => {
    const { clock, begun, ask } = setUp(1);
    const all = Promise.all(Array.from({ length: 100 }, () => ask('r', NEVER)));
    await clock.advance(10_000);
    await all;
    const inSecondFrom = begun.map((from) => begun.filter((at) => at >= from && at < from + 1_000).length);
    expect([begun.length, Math.max(...inSecondFrom)]).toEqual([100, 20]);
  });

  it('of one identity, however many, are in nobody else’s way', async () => {
    const { clock, ask } = setUp(50);
    const loop = Array.from({ length: 400 }, () => ask('looping', NEVER));
    await clock.advance(500);
    const done: string[] = [];
    const others = ['one', 'another'].map((owner) => ask(owner, NEVER).then(() => done.push(owner)));
    await clock.advance(1_200);
    expect(done).toEqual(['one', 'another']);
    await clock.advance(30_000);
    await Promise.all([...loop, ...others]);
  });

  it('that are given up while they wait are never made', async () => {
    const { clock, begun, ask } = setUp(1_000);
    const leaver = new AbortController();
    const staying = Array.from({ length: 5 }, () => ask('r', NEVER));
    const leaving = ask('r', leaver.signal);
    leaver.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    await clock.advance(2_000);
    await Promise.all(staying);
    expect(begun.length).toBe(5);
  });

  it('that were not made because the circuit is open do not count', async () => {
    const clock = fakeClock();
    const refused = paced(
      () => Promise.reject(new CircuitOpenError('upstreamUnavailable')),
      IMDS_PACE,
      clock,
      () => 'r',
    );
    const all = Array.from({ length: 100 }, () => refused('r', NEVER));
    await expect(Promise.allSettled(all)).resolves.toHaveLength(100);
    expect(clock.pending()).toBe(0);
  });
});
