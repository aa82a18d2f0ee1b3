/**
 * Time as a parameter. This is the only module that may touch `Date.now` and the timers (a lint rule says so),
 * so that every program and library can run on a fake clock in tests.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin that never go backwards; for durations. */
  monotonic(): number;
  /**
   * Resolves after `ms` milliseconds.
   * @throws the signal's reason, at once, when `signal` is or becomes aborted.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms` milliseconds; the returned function cancels it. Keeps no process alive. */
  schedule(ms: number, callback: () => void): () => void;
}

/** Timers of Node hold at most a signed 32-bit count of milliseconds; longer waits would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(abortReason(signal as AbortSignal));
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(ms, MAX_TIMER_MS),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  schedule: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** The reason of an aborted signal as an Error, whatever it was aborted with. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

/** An AbortSignal that aborts with a `TimeoutError` after `ms`, or with `parent`'s reason if that aborts first. */
export function deadlineSignal(
  clock: Clock,
  ms: number,
  parent?: AbortSignal,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const onParentAbort = () => {
    controller.abort(parent?.reason);
  };
  if (parent?.aborted) onParentAbort();
  parent?.addEventListener('abort', onParentAbort, { once: true });
  const cancel = clock.schedule(ms, () => {
    controller.abort(Object.assign(new Error(`no answer within ${ms} ms`), { name: 'TimeoutError' }));
  });
  return {
    signal: controller.signal,
    done: () => {
      cancel();
      parent?.removeEventListener('abort', onParentAbort);
    },
  };
}

let atEndOfTurn: (() => void)[] = [];

/** Calls back when this turn of the event loop has read all its input; in the order of the calls, all in one go. */
export function endOfTurn(callback: () => void): void {
  if (atEndOfTurn.push(callback) > 1) return;
  setImmediate(() => {
    const callbacks = atEndOfTurn;
    atEndOfTurn = [];
    for (const each of callbacks) each();
  });
}
