import { abortReason, type Clock } from '@aad-pod-identity/runtime';

export interface BucketOptions {
  readonly clock: Clock;
  /** Requests that may go at once after a quiet time, and those that come to it in a second. */
  readonly size: number;
  readonly perSecond: number;
}

interface Waiter {
  /** What must stay for those that come first. */
  readonly reserve: number;
  readonly since: number;
  readonly go: () => void;
}

/** Who has waited so long has no one before it any more: what came first goes on, and nobody waits for ever. */
const PATIENCE_MS = 30_000;
/** A timer that fires a hair early must not cost another wait. */
const HAIR = 1e-6;

/** A token bucket whose takers leave something for those that are more urgent. */
export class Bucket {
  readonly #options: BucketOptions;
  readonly #waiters = new Set<Waiter>();
  /** Reserve -> until when nobody who leaves that much or more may go (monotonic milliseconds). */
  readonly #closed = new Map<number, number>();
  #level: number;
  #filledAt: number;
  #cancel: (() => void) | undefined;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#level = options.size;
    this.#filledAt = options.clock.monotonic();
  }

  /** @throws the signal's reason once that aborts */
  async take(reserve: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw abortReason(signal);
    this.#refill();
    const isFirst = [...this.#waiters].every((waiter) => waiter.reserve > reserve);
    if (isFirst && this.#closedFor(reserve) <= 0 && this.#level >= reserve + 1 - HAIR) this.#level -= 1;
    else await this.#wait(reserve, signal);
  }

  /** For so long nobody may go who leaves `reserve` or more: with 0 nobody at all. */
  close(reserve: number, ms: number): void {
    const until = this.#options.clock.monotonic() + ms;
    this.#closed.set(reserve, Math.max(until, this.#closed.get(reserve) ?? 0));
  }

  giveBack(): void {
    this.#level += 1;
    this.#serve();
  }

  /** There is no more left than that. It may be less than nothing: then it takes longer until the next one may go. */
  atMost(level: number): void {
    this.#refill();
    this.#level = Math.min(this.#level, level);
  }

  #wait(reserve: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(abortReason(signal as AbortSignal));
      };
      const go = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const waiter = { reserve, since: this.#options.clock.monotonic(), go };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  #refill(): void {
    const { clock, size, perSecond } = this.#options;
    const now = clock.monotonic();
    this.#level = Math.min(size, this.#level + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
  }

  /** Milliseconds. */
  #closedFor(reserve: number): number {
    const ends = [...this.#closed].filter(([from]) => reserve >= from).map(([, until]) => until);
    return Math.max(0, ...ends.map((until) => until - this.#options.clock.monotonic()));
  }

  #reserveOf({ reserve, since }: Waiter): number {
    return this.#options.clock.monotonic() - since >= PATIENCE_MS ? 0 : reserve;
  }

  /** The most urgent of those that may go at all, and of these the one that came first. */
  #first(): Waiter | undefined {
    return [...this.#waiters]
      .filter(({ reserve }) => this.#closedFor(reserve) <= 0)
      .reduce<Waiter | undefined>(
        (first, waiter) => (first !== undefined && this.#reserveOf(first) <= this.#reserveOf(waiter) ? first : waiter),
        undefined,
      );
  }

  #serve(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#refill();
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const short = this.#reserveOf(next) + 1 - this.#level;
      if (short > HAIR) {
        this.#later((short / this.#options.perSecond) * 1000);
        return;
      }
      this.#level -= 1;
      this.#waiters.delete(next);
      next.go();
    }
    if (this.#waiters.size > 0)
      this.#later(Math.min(...[...this.#waiters].map(({ reserve }) => this.#closedFor(reserve))));
  }

  #later(ms: number): void {
    this.#cancel = this.#options.clock.schedule(Math.min(Math.ceil(ms), PATIENCE_MS), () => {
      this.#serve();
    });
  }
}
