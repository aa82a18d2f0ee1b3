import { abortReason, type Clock } from '@aad-pod-identity/runtime';

const PERIOD_MS = 50;

/** Settles as `work` does, or rejects with the signal's reason once that aborts, whatever `work` goes on doing. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(abortReason(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

const NEVER = new AbortController().signal;

/**
 * Asks again and again until there is an answer.
 * @param what ends the sentence `there was no ...` of the error
 * @throws the signal's reason, at once, whatever `read` is waiting for
 */
export async function until<T>(
  clock: Clock,
  what: string,
  read: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 15_000, signal = NEVER }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const found = await abortable(Promise.resolve(read()), signal);
    if (found !== undefined) return found;
    if (clock.monotonic() > deadline) throw new Error(`there was no ${what} within ${timeoutMs / 1000} s`);
    await clock.sleep(PERIOD_MS, signal);
  }
}
