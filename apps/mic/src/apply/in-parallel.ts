import { abortReason } from '@aad-pod-identity/runtime';

/**
 * Runs all jobs, at most `limit` at a time, whatever becomes of the others; gives the errors.
 * @throws the signal's reason once it aborts; jobs not yet started are left out.
 */
export async function inParallel(
  jobs: readonly (() => Promise<void>)[],
  limit: number,
  signal: AbortSignal,
): Promise<Error[]> {
  const errors: Error[] = [];
  const rest = jobs.values();
  const worker = async (): Promise<void> => {
    for (const job of rest) {
      if (signal.aborted) return;
      try {
        await job();
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, jobs.length) }, worker));
  if (signal.aborted) throw abortReason(signal);
  return errors;
}
