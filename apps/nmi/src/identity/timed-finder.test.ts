import { createMetrics, silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { aGrant, aPod } from '../../test/objects.ts';
import { NmiError } from '../errors.ts';
import { timedFinder } from './timed-finder.ts';

describe('the time that a request waits for an identity', () => {
  it.each<[sentence: string, waitMs: number, fails: boolean, series: RegExp]>([
    ['is counted by what came of it', 3_000, false, /_sum\{result="found"\} 3\n/],
    ['is counted for a miss as well', 80_000, true, /_sum\{result="missed"\} 80\n/],
    ['is no wait where it was found at once', 0, false, /_count\{result="found"\} 0\n/],
  ])('%s', async (_, waitMs, fails, series) => {
    const metrics = createMetrics({ processMetrics: false });
    const clock = fakeClock();
    const find = async () => {
      await clock.advance(waitMs);
      if (fails) throw new NmiError('identityPending');
      return { assigned: [aGrant('a')] as const, pending: [] };
    };
    const request = { signal: new AbortController().signal, log: silentLogger };
    const outcome = timedFinder(find, metrics, clock)(aPod(), { by: 'any' }, request);
    expect(await outcome.then(() => 'found').catch(() => 'missed')).toBe(fails ? 'missed' : 'found');
    expect(await metrics.render()).toMatch(series);
  });
});
