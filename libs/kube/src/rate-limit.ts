import { abortReason, type Clock } from '@aad-pod-identity/runtime';

export interface RateLimitOptions {
  clock: Clock;
  /** Calls per second in the long run; 0 or less means no limit. */
  qps: number;
  /** Calls that may go at once after a quiet time. */
  burst: number;
}

export interface RateLimiter {
  /**
   * Waits for this caller's turn, first come first served.
   * @throws the signal's reason once that aborts; the turn then goes to the next in line.
   */
  acquire(signal?: AbortSignal): Promise<void>;
  /** Callers that wait. */
  waiting(): number;
}

/** A token bucket: holds at most `burst` tokens and gains `qps` of them a second. */
export function tokenBucket({ clock, qps, burst }: RateLimitOptions): { tryTake(): boolean; msUntilNext(): number } {
  const size = Math.max(1, burst);
  let tokens = size;
  let filledAt = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    tokens = Math.min(size, tokens + ((now - filledAt) / 1000) * qps);
    filledAt = now;
  };
  return {
    tryTake() {
      refill();
      // A timer that fires a hair early must not cost another whole wait.
      if (tokens < 1 - 1e-6) return false;
      tokens = Math.max(0, tokens - 1);
      return true;
    },
    msUntilNext() {
      refill();
      return tokens >= 1 ? 0 : ((1 - tokens) / qps) * 1000;
    },
  };
}

export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const { clock, qps } = options;
  const bucket = tokenBucket(options);
  const queue = new Set<() => void>();
  let draining = false;

  async function drain(): Promise<void> {
    draining = true;
    while (queue.size > 0) {
      await clock.sleep(Math.ceil(bucket.msUntilNext()));
      // A timer is a millisecond late at least, so more than one may have its turn.
      for (const next of queue) {
        if (!bucket.tryTake()) break;
        queue.delete(next);
        next();
      }
    }
    draining = false;
  }

  function wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        queue.delete(turn);
        reject(abortReason(signal as AbortSignal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(turn);
      if (!draining) void drain();
    });
  }

  return {
    async acquire(signal) {
      if (signal?.aborted) throw abortReason(signal);
      if (qps <= 0 || (queue.size === 0 && bucket.tryTake())) return;
      await wait(signal);
    },
    waiting: () => queue.size,
  };
}
