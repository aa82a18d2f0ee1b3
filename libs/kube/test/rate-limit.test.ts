import { fakeClock } from '@aad-pod-identity/testing';
import { createRateLimiter } from '../src/index.ts';

function limiterOf(qps: number, burst: number) {
  const clock = fakeClock();
  const limiter = createRateLimiter({ clock, qps, burst });
  const startedAt = clock.monotonic();
  const passed: { name: number; at: number }[] = [];
  const ask = (name: number, signal?: AbortSignal) =>
    limiter.acquire(signal).then(() => passed.push({ name, at: clock.monotonic() - startedAt }));
  return { clock, limiter, passed, ask };
}

it('a burst passes at once, the rest at the rate, first come first served', async () => {
  const { clock, passed, ask } = limiterOf(10, 3);
  for (let name = 0; name < 6; name++) void ask(name);
  await clock.advance(1_000);
  expect(passed.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(passed.map(({ at }) => at)).toEqual([0, 0, 0, 100, 200, 300]);
});

it('a quiet time fills the burst again, and no more than that', async () => {
  const { clock, passed, ask } = limiterOf(10, 2);
  await clock.advance(60_000);
  for (let name = 0; name < 4; name++) void ask(name);
  await clock.advance(0);
  expect(passed).toHaveLength(2);
});

it('without a limit nobody waits', async () => {
  const { passed, ask } = limiterOf(0, 1);
  await Promise.all(Array.from({ length: 100 }, (_, name) => ask(name)));
  expect(passed).toHaveLength(100);
});

it('whoever gives up leaves the line, and the turn goes to the next', async () => {
  const { clock, limiter, passed, ask } = limiterOf(1, 1);
  const leaving = new AbortController();
  void ask(0);
  const given = ask(1, leaving.signal);
  void ask(2);
  leaving.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  await clock.advance(1_000);
  expect(passed.map(({ name }) => name)).toEqual([0, 2]);
  expect(limiter.waiting()).toBe(0);
});
