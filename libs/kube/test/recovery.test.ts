import { KubeError } from '../src/index.ts';
import { createRecovery } from '../src/recovery.ts';

const failure = new KubeError('serverError', 'broken');
const gone = new KubeError('gone', 'expired');
/** The middle of the jitter: the delay as it is. */
const recovery = () => createRecovery(() => 0.5);

it('waits double after each failure in a row, up to half a minute, and forgets them once all is well', () => {
  const reflector = recovery();
  const waits = Array.from({ length: 9 }, () => reflector.after(failure, 'list').waitMs);
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  reflector.healthy();
  expect(reflector.after(failure, 'list').waitMs).toBe(500);
});

it('many reflectors do not come back together', () => {
  const waits = [0, 0.25, 0.75, 0.99].map((random) => createRecovery(() => random).after(failure, 'list').waitMs);
  expect(new Set(waits).size).toBe(4);
  expect(Math.max(...waits) / Math.min(...waits)).toBeGreaterThan(1.5);
});

it('never comes back before the server wants it', () => {
  const throttled = new KubeError('tooManyRequests', 'slowly', { retryAfterMs: 60_000 });
  expect(recovery().after(throttled, 'watch').waitMs).toBe(60_000);
});

it('an expired watch is listed anew at once, and one that expires again right after its list waits', () => {
  const reflector = recovery();
  expect(reflector.after(gone, 'watch')).toEqual({ waitMs: 0, relist: true });
  reflector.listed();
  expect(reflector.after(gone, 'watch')).toEqual({ waitMs: 1_000, relist: true });
});

it('a watch that cannot go on is taken up again where it was, and after five failures listed anew', () => {
  const reflector = recovery();
  expect(Array.from({ length: 5 }, () => reflector.after(failure, 'watch').relist)).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});
