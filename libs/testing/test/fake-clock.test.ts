import { fakeClock } from '../src/fake-clock.ts';

describe('fakeClock', () => {
  it('stands still until it is moved', async () => {
    const clock = fakeClock({ now: 1_000 });
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    await clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
  });

  it('fires timers in the order of their time, each at its own time', async () => {
    const clock = fakeClock();
    const fired: [string, number][] = [];
    const note = (name: string) => () => void fired.push([name, clock.monotonic()]);
    clock.schedule(20, note('late'));
    clock.schedule(10, note('early'));
    clock.schedule(10, note('early too'));
    await clock.advance(20);
    expect(fired).toEqual([
      ['early', 10],
      ['early too', 10],
      ['late', 20],
    ]);
  });

  it('lets a loop of sleeps run inside one advance', async () => {
    const clock = fakeClock();
    const seen: number[] = [];
    const loop = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(100);
        seen.push(clock.monotonic());
      }
    })();
    await clock.advance(1_000);
    await loop;
    expect(seen).toEqual([100, 200, 300]);
  });

  it('forgets what was cancelled', async () => {
    const clock = fakeClock();
    const cancel = clock.schedule(10, () => {
      throw new Error('must not fire');
    });
    expect(clock.pending()).toBe(1);
    cancel();
    expect(clock.pending()).toBe(0);
    await clock.advance(10);
  });

  it.each(['before', 'during'])('rejects a sleep whose signal aborts %s it, and keeps no timer', async (when) => {
    const clock = fakeClock();
    const controller = new AbortController();
    const reason = new Error('stop');
    if (when === 'before') controller.abort(reason);
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.pending()).toBe(0);
  });
});
