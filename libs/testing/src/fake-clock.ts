import { abortReason, type Clock } from '@aad-pod-identity/runtime';

export interface FakeClock extends Clock {
  /**
   * Moves time on by `ms` milliseconds. Timers fire one by one in the order of their time, each at its own time, and
   * what they set in motion (promises, answers on loopback that are already there) runs before the next one fires.
   */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  pending(): number;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Event-loop turns given to work set in motion by a timer; enough for long promise chains and a loopback answer. */
const TURNS = 5;

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** The timers of one clock, kept in the order they were set, so that equal times fire in that order. */
function timerList() {
  const timers = new Set<Timer>();
  return {
    add(at: number, fire: () => void): () => void {
      const timer: Timer = { at, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    takeDue(until: number): Timer | undefined {
      let first: Timer | undefined;
      for (const timer of timers) {
        if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
      }
      if (first !== undefined) timers.delete(first);
      return first;
    },
    size: () => timers.size,
  };
}

/** A clock that stands still until a test moves it. `now` is its first wall-clock time in milliseconds. */
export function fakeClock(options: { readonly now?: number } = {}): FakeClock {
  const epoch = options.now ?? Date.UTC(2026, 0, 1);
  const timers = timerList();
  let elapsed = 0;
  return {
    now: () => epoch + elapsed,
    monotonic: () => elapsed,
    schedule: (ms, callback) => timers.add(elapsed + Math.max(0, ms), callback),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(abortReason(signal));
          return;
        }
        const cancel = timers.add(elapsed + Math.max(0, ms), () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = (): void => {
          cancel();
          reject(abortReason(signal as AbortSignal));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let due = timers.takeDue(until); due !== undefined; due = timers.takeDue(until)) {
        elapsed = Math.max(elapsed, due.at);
        due.fire();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    pending: () => timers.size(),
  };
}
