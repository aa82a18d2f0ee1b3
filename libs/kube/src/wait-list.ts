import { abortReason, type Clock } from '@aad-pod-identity/runtime';

/** Everybody who waits for one topic, and who is woken when it is touched. */
export class WaitList {
  readonly #topics = new Map<string, Set<() => void>>();

  get size(): number {
    return this.#topics.size;
  }

  add(topic: string, wake: () => void): () => void {
    const waiters = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, waiters.add(wake));
    return () => {
      waiters.delete(wake);
      if (waiters.size === 0 && this.#topics.get(topic) === waiters) this.#topics.delete(topic);
    };
  }

  wake(topic: string): void {
    // A copy, because a waiter that is satisfied leaves the set.
    for (const wake of [...(this.#topics.get(topic) ?? [])]) wake();
  }
}

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  clock: Clock;
}

/**
 * The first value of `read` that is not undefined: now, or after one of the calls that `enlist` arranges, or undefined
 * once `timeoutMs` have passed.
 * @throws what `read` throws, or the signal's reason.
 */
export async function waitUntil<R>(
  read: () => R | undefined,
  enlist: (wake: () => void) => () => void,
  { timeoutMs, signal, clock }: WaitOptions,
): Promise<R | undefined> {
  if (signal?.aborted) throw abortReason(signal);
  const now = read();
  if (now !== undefined || timeoutMs <= 0) return now;
  const { promise, resolve, reject } = Promise.withResolvers<R | undefined>();
  const wake = () => {
    try {
      const value = read();
      if (value !== undefined) resolve(value);
    } catch (error) {
      reject(error);
    }
  };
  const onAbort = () => {
    reject(abortReason(signal as AbortSignal));
  };
  const leave = enlist(wake);
  const cancel = clock.schedule(timeoutMs, () => {
    resolve(undefined);
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    leave();
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
