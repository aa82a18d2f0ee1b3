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

/** Who waits, by owner. Owners take turns, so that one with hundreds of calls is in nobody's way. */
class Queue {
  readonly #byOwner = new Map<string, Set<() => void>>();

  add(owner: string, start: () => void): void {
    this.#byOwner.set(owner, (this.#byOwner.get(owner) ?? new Set()).add(start));
  }

  delete(owner: string, start: () => void): void {
    const starts = this.#byOwner.get(owner);
    starts?.delete(start);
    if (starts?.size === 0) this.#byOwner.delete(owner);
  }

  get isEmpty(): boolean {
    return this.#byOwner.size === 0;
  }

  /** The first call of the owner whose turn it is; that one's next turn comes after all others'. */
  take(): (() => void) | undefined {
    const [first] = this.#byOwner;
    if (first === undefined) return undefined;
    const [owner, starts] = first;
    const [start] = starts;
    this.#byOwner.delete(owner);
    if (start !== undefined) starts.delete(start);
    if (starts.size > 0) this.#byOwner.set(owner, starts);
    return start;
  }
}

/** Lets calls through as fast as the other side takes them. */
class Turnstile {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #waiting = new Queue();
  readonly #begun: number[] = [];
  #underWay = 0;
  #cancelTimer = (): void => undefined;

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
  }

  /** @throws the signal's reason */
  async enter(owner: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const start = (): void => {
      resolve(undefined);
    };
    const onAbort = (): void => {
      this.#waiting.delete(owner, start);
      reject(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(owner, start);
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
    while (!this.#waiting.isEmpty && this.#underWay < this.#pace.inFlight) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.schedule(waitMs, () => {
          this.#admit();
        });
        return;
      }
      const start = this.#waiting.take();
      this.#begin();
      start?.();
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

/**
 * `source` within the pace of whom it asks. A call that is given up while it waits costs nothing there.
 * @param ownerOf whom a call is for: nobody waits for more than one call of each other owner before his own
 */
export function paced<R>(
  source: TokenSource<R>,
  pace: Pace,
  clock: Clock,
  ownerOf: (request: R) => string,
): TokenSource<R> {
  const turnstile = new Turnstile(pace, clock);
  return async (request, signal) => {
    await turnstile.enter(ownerOf(request), signal);
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
