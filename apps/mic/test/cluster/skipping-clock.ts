import { abortReason, type Clock, endOfTurn, systemClock } from '@aad-pod-identity/runtime';

interface Timer {
  readonly due: number;
  readonly fire: () => void;
  cancelReal: () => void;
}

/**
 * MIC and the simulators share this process, so a request between them needs turns of the event loop, not time:
 * where other processes have the processor, 15 ms may hold no turn at all, and a step would outrun its requests.
 */
const TURNS = 100;

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>(endOfTurn);
}

/** A clock that goes as the real one, and over stretches of time that a test does not want to wait for. */
export class SkippingClock implements Clock {
  #skipped = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return systemClock.now() + this.#skipped;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skipped;
  }

  schedule(ms: number, callback: () => void): () => void {
    const fire = (): void => {
      this.#timers.delete(timer);
      timer.cancelReal();
      callback();
    };
    const timer: Timer = { due: this.monotonic() + ms, fire, cancelReal: systemClock.schedule(ms, fire) };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancelReal();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const cancel = this.schedule(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        cancel();
        reject(abortReason(signal as AbortSignal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** `ms` milliseconds pass at once: what is due within them fires, in its order. */
  skip(ms: number): void {
    this.#skipped += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (!this.#timers.has(timer)) continue;
      const left = timer.due - this.monotonic();
      timer.cancelReal();
      if (left <= 0) timer.fire();
      else timer.cancelReal = systemClock.schedule(left, timer.fire);
    }
  }

  /** `ms` pass in steps of `stepMs`, each with some real time for what it sets in motion. */
  async pass(ms: number, stepMs = 2_000): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.skip(stepMs);
      await systemClock.sleep(15);
      await turns(TURNS);
    }
  }

  /** As `pass`, until a condition holds. @throws if it does not within `ms` */
  async passUntil(condition: () => boolean, ms: number): Promise<void> {
    const giveUpAt = this.monotonic() + ms;
    while (!condition()) {
      if (this.monotonic() > giveUpAt) throw new Error(`what was waited for has not come within ${ms} ms`);
      await this.pass(1_000, 1_000);
    }
  }
}
