import { abortReason, type Clock, type Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { asError } from './abortable.ts';

export interface KeyedQueueOptions {
  clock: Clock;
  /** Keys worked on at the same time; one key never is twice. */
  concurrency: number;
  /** Milliseconds to wait after the nth failure in a row of one key, from 0. */
  backoff: (attempt: number) => number;
  /** The signal aborts when the queue is told to stop. A throw counts as `retry`. */
  work: (key: string, signal: AbortSignal) => Promise<Outcome>;
  onOutcome?: ((key: string, outcome: Outcome, durationMs: number) => void) | undefined;
  logger: Logger;
}

export interface KeyedQueue {
  /**
   * Asks for `key` to be worked on soon: now; after the run that goes on, if it is running; after its hold, if a
   * `retryAfter` holds it back. After a failure it runs no sooner than the first step of the back-off.
   */
  add(key: string): void;
  /** As `add`, but not before `ms` have passed. The earliest wish counts. */
  addAfter(key: string, ms: number): void;
  /** Works until `signal` aborts, then waits for what is running. What is still queued stays for the next `run`. */
  run(signal: AbortSignal): Promise<void>;
  /** Keys ready to run. */
  depth(): number;
}

interface KeyState {
  running: boolean;
  ready: boolean;
  /** Asked for again while running. */
  dirty: boolean;
  failures: number;
  /** On the monotonic clock: no run starts before this. */
  notBefore: number;
  wake: { at: number; cancel: () => void } | undefined;
}

function newKey(): KeyState {
  return { running: false, ready: false, dirty: false, failures: 0, notBefore: -Infinity, wake: undefined };
}

class Queue implements KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #keys = new Map<string, KeyState>();
  readonly #ready = new Set<string>();
  #signal: AbortSignal | undefined;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  depth(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    const state = this.#state(key);
    if (state.running) state.dirty = true;
    else this.#at(key, state, state.notBefore);
  }

  addAfter(key: string, ms: number): void {
    const state = this.#state(key);
    this.#at(key, state, Math.max(state.notBefore, this.#options.clock.monotonic() + ms));
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#signal !== undefined) throw new Error('the queue is already running');
    if (signal.aborted) return;
    this.#signal = signal;
    await new Promise<void>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          this.#onIdle = resolve;
          this.#stopWhenIdle();
        },
        { once: true },
      );
      this.#pump();
    });
    this.#onIdle = undefined;
    this.#signal = undefined;
  }

  #state(key: string): KeyState {
    let state = this.#keys.get(key);
    if (state === undefined) {
      state = newKey();
      this.#keys.set(key, state);
    }
    return state;
  }

  /** Makes `key` ready at `time`, unless it will be sooner. */
  #at(key: string, state: KeyState, time: number): void {
    if (state.ready || (state.wake !== undefined && state.wake.at <= time)) return;
    state.wake?.cancel();
    state.wake = undefined;
    const wait = time - this.#options.clock.monotonic();
    if (wait <= 0) this.#makeReady(key, state);
    else
      state.wake = {
        at: time,
        cancel: this.#options.clock.schedule(wait, () => {
          this.#wake(key, state);
        }),
      };
  }

  #wake(key: string, state: KeyState): void {
    const at = state.wake?.at ?? 0;
    state.wake = undefined;
    // A timer may fire a hair early, and a longer hold may have come since.
    if (Math.max(at, state.notBefore) > this.#options.clock.monotonic())
      this.#at(key, state, Math.max(at, state.notBefore));
    else this.#makeReady(key, state);
  }

  #makeReady(key: string, state: KeyState): void {
    if (state.running) {
      state.dirty = true;
      return;
    }
    state.ready = true;
    this.#ready.add(key);
    this.#pump();
  }

  #pump(): void {
    while (this.#signal?.aborted === false && this.#running < this.#options.concurrency) {
      const [key] = this.#ready;
      if (key === undefined) return;
      this.#ready.delete(key);
      void this.#process(key, this.#state(key), this.#signal);
    }
  }

  async #process(key: string, state: KeyState, signal: AbortSignal): Promise<void> {
    const { clock, onOutcome, logger } = this.#options;
    Object.assign(state, { running: true, ready: false, dirty: false });
    this.#running++;
    const started = clock.monotonic();
    const outcome = await this.#work(key, signal);
    state.running = false;
    this.#running--;
    this.#settle(key, state, outcome);
    try {
      onOutcome?.(key, outcome, clock.monotonic() - started);
    } catch (error) {
      logger.error('outcome listener of the queue failed', { key, err: asError(error) });
    }
    this.#stopWhenIdle();
    this.#pump();
  }

  async #work(key: string, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#options.work(key, signal);
    } catch (error) {
      if (!signal.aborted) this.#options.logger.error('work on a key failed', { key, err: asError(error) });
      return { kind: 'retry', error: signal.aborted ? abortReason(signal) : asError(error) };
    }
  }

  #settle(key: string, state: KeyState, outcome: Outcome): void {
    const now = this.#options.clock.monotonic();
    const { dirty } = state;
    state.dirty = false;
    if (outcome.kind === 'retry') this.#retry(key, state, now);
    else if (outcome.kind === 'retryAfter') this.#hold(key, state, now + outcome.ms);
    else Object.assign(state, { failures: 0, notBefore: -Infinity });
    if (dirty) this.add(key);
    // A key that was asked for meanwhile may be running again by now; forgetting it would let it run twice at once.
    if (!state.running && !state.ready && state.wake === undefined) this.#keys.delete(key);
  }

  /** A new wish may cut the wait short, down to the first step: it may be the cure, but a storm of them is none. */
  #retry(key: string, state: KeyState, now: number): void {
    const { backoff } = this.#options;
    state.notBefore = now + Math.min(backoff(0), backoff(state.failures));
    this.#at(key, state, now + backoff(state.failures));
    state.failures++;
  }

  #hold(key: string, state: KeyState, until: number): void {
    state.notBefore = until;
    state.wake?.cancel();
    state.wake = undefined;
    this.#at(key, state, until);
  }

  #stopWhenIdle(): void {
    if (this.#running === 0) this.#onIdle?.();
  }
}

/** A queue of keys, not of events: whoever works on one reads the world anew. First come, first served. */
export function createKeyedQueue(options: KeyedQueueOptions): KeyedQueue {
  return new Queue(options);
}
