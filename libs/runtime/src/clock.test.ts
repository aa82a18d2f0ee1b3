import { abortReason, type Clock, deadlineSignal, systemClock } from './clock.ts';

/** A clock that keeps what was scheduled, for the test to fire. */
function heldClock() {
  const held: { ms: number; callback: () => void; cancelled: boolean }[] = [];
  const schedule: Clock['schedule'] = (ms, callback) => {
    const timer = { ms, callback, cancelled: false };
    held.push(timer);
    return () => {
      timer.cancelled = true;
    };
  };
  return { clock: { ...systemClock, schedule }, held };
}

describe('deadlineSignal', () => {
  it('aborts when the time is over', () => {
    const { clock, held } = heldClock();
    const { signal } = deadlineSignal(clock, 250);
    expect([signal.aborted, held[0]?.ms]).toEqual([false, 250]);
    held[0]?.callback();
    expect(abortReason(signal)).toMatchObject({ name: 'TimeoutError', message: 'no answer within 250 ms' });
  });

  it.each(['before', 'afterwards'])('aborts with the reason of its parent, aborted %s', (when) => {
    const parent = new AbortController();
    const reason = new Error('client left');
    if (when === 'before') parent.abort(reason);
    const { signal } = deadlineSignal(heldClock().clock, 250, parent.signal);
    parent.abort(reason);
    expect(abortReason(signal)).toBe(reason);
  });

  it('leaves no timer and no listener when it is done', () => {
    const { clock, held } = heldClock();
    const parent = new AbortController();
    const { signal, done } = deadlineSignal(clock, 250, parent.signal);
    done();
    parent.abort();
    expect([held[0]?.cancelled, signal.aborted]).toEqual([true, false]);
  });
});

describe('systemClock.sleep', () => {
  it.each(['before', 'during'])('rejects with the reason of a signal that aborts %s it', async (when) => {
    const controller = new AbortController();
    const reason = new Error('stop');
    if (when === 'before') controller.abort(reason);
    const sleeping = systemClock.sleep(3_600_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});
