import type { Clock } from '@aad-pod-identity/runtime';

const PERIOD_MS = 20;

/** Asks again and again until there is an answer. @throws an Error if there is none in time */
export async function poll<T>(
  clock: Clock,
  ms: number,
  read: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.monotonic() + ms;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    if (clock.monotonic() > deadline) throw new Error(`there was no answer within ${ms / 1000} s`);
    await clock.sleep(PERIOD_MS);
  }
}
