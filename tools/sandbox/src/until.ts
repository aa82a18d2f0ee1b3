import type { Clock } from '@aad-pod-identity/runtime';

const PERIOD_MS = 50;

/**
 * Asks again and again until there is an answer.
 * @param what ends the sentence `there was no ...` of the error
 */
export async function until<T>(
  clock: Clock,
  what: string,
  read: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 15_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    if (clock.monotonic() > deadline) throw new Error(`there was no ${what} within ${timeoutMs / 1000} s`);
    await clock.sleep(PERIOD_MS, signal);
  }
}
