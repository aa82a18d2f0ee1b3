import { abortReason, type Clock } from '@aad-pod-identity/runtime';
import { CircuitOpenError } from './circuit.ts';
import type { TokenSource } from './token-source.ts';

export interface Pace {
  /** Calls under way at one time. */
  readonly inFlight: number;
  /** Calls begun within any `windowMs` milliseconds. */
  readonly perWindow: number;
  readonly windowMs: number;
}

/**
 * The limits of IMDS for identity requests of one machine; what goes beyond is refused there. The window is a little
 * longer than its second, because calls do not travel equally fast.
 */
export const IMDS_PACE: Pace = { inFlight: 5, perWindow: 20, windowMs: 1_100 };

/** Lets calls through in the order they came, as fast as the other side takes them. */
class Turnstile {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  readonly #begun: number[] = [];
  #underWay = 0;
  #cancelTimer = (): void => undefined;

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
  }

  /** @throws the signal's reason */
  async enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const start = (): void => {
      resolve(undefined);
    };
    const onAbort = (): void => {
      this.#waiting.delete(start);
      reject(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(start);
    this.#admit();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** `made`: whether the other side saw a call. */
  leave(made: boolean): void {
    this.#underWay--;
    if (!made) this.#begun.pop();
    this.#admit();
  }

  #admit(): void {
    this.#cancelTimer();
    for (const start of this.#waiting) {
      if (this.#underWay >= this.#pace.inFlight) return;
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.schedule(waitMs, () => {
          this.#admit();
        });
        return;
      }
      this.#waiting.delete(start);
      this.#begin();
      start();
    }
  }

  #waitMs(): number {
    const { perWindow, windowMs } = this.#pace;
    const oldest = this.#begun.length < perWindow ? undefined : this.#begun[0];
    return oldest === undefined ? 0 : oldest + windowMs - this.#clock.monotonic();
  }

  #begin(): void {
    this.#underWay++;
    this.#begun.push(this.#clock.monotonic());
    if (this.#begun.length > this.#pace.perWindow) this.#begun.shift();
  }
}

/** `source` within the pace of whom it asks. A call that is given up while it waits costs nothing there. */
export function paced<R>(source: TokenSource<R>, pace: Pace, clock: Clock): TokenSource<R> {
  const turnstile = new Turnstile(pace, clock);
  return async (request, signal) => {
    await turnstile.enter(signal);
    let made = true;
    try {
      return await source(request, signal);
    } catch (error) {
      made = !(error instanceof CircuitOpenError);
      throw error;
    } finally {
      turnstile.leave(made);
    }
  };
}
