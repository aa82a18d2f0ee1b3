import { abortReason, type Clock } from '@aad-pod-identity/runtime';

/** Calls back after every change of what is watched; the returned function ends that. */
export type Subscribe = (onChange: () => void) => () => void;

/**
 * Resolves at the next change, or after `timeoutMs` milliseconds.
 * @throws the signal's reason when it aborts
 */
export async function nextChange(
  subscribe: Subscribe,
  { timeoutMs, signal, clock }: { timeoutMs: number; signal: AbortSignal; clock: Clock },
): Promise<void> {
  if (signal.aborted) throw abortReason(signal);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const wake = (): void => {
    resolve(undefined);
  };
  const onAbort = (): void => {
    reject(abortReason(signal));
  };
  const unsubscribe = subscribe(wake);
  const cancel = clock.schedule(timeoutMs, wake);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    unsubscribe();
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
