import { backoff, type Clock } from '@aad-pod-identity/runtime';
import { isKubeError } from './errors.ts';

const delay = backoff({ baseMs: 200, maxMs: 5_000 });

/** Milliseconds until the next try, or nothing when the failure is final. A server's wish is never undercut. */
export function retryDelay(error: unknown, attempt: number): number | undefined {
  if (!isKubeError(error, 'tooManyRequests', 'serverError', 'unreachable')) return undefined;
  return Math.max(delay(attempt), error.retryAfterMs ?? 0);
}

export interface RetryPolicy {
  clock: Clock;
  /** Tries after the first. */
  retries: number;
  /** On `clock.monotonic()`: a wait that would end later is not begun, the failure is reported at once. */
  deadline: number;
  signal: AbortSignal;
}

/** Runs `attempt` until it succeeds, fails for good, or the policy is exhausted; then its last error is thrown. */
export async function retrying<V>(attempt: () => Promise<V>, policy: RetryPolicy): Promise<V> {
  const { clock, retries, deadline, signal } = policy;
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = tried < retries ? retryDelay(error, tried) : undefined;
      if (wait === undefined || clock.monotonic() + wait >= deadline) throw error;
      await clock.sleep(wait, signal);
    }
  }
}
