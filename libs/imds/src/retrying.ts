import { abortReason, backoff, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import { ImdsError, isTransient } from './errors.ts';
import type { ImdsClient, ImdsToken, ImdsTokenRequest } from './types.ts';

export interface RetryPolicy {
  readonly clock: Clock;
  /** All attempts and waits together, in milliseconds. */
  readonly deadlineMs: number;
  /** Wait after the first failure, in milliseconds; doubles up to `maxMs`. */
  readonly baseMs?: number;
  readonly maxMs?: number;
  readonly random?: () => number;
}

/**
 * A client that asks again while the failure may pass, as long as another attempt fits before the deadline. A
 * `Retry-After` is waited for; if it lies beyond the deadline, the failure is passed on at once, with it.
 */
export function retrying(client: ImdsClient, policy: RetryPolicy): ImdsClient {
  const { clock, deadlineMs, baseMs = 500, maxMs = 5000 } = policy;
  const delay = backoff({ baseMs, maxMs, ...(policy.random === undefined ? {} : { random: policy.random }) });

  function waitAfter(error: unknown, attempt: number, endsAt: number): number {
    if (!(error instanceof ImdsError) || !isTransient(error)) throw error;
    const wait = Math.max(delay(attempt), error.retryAfterMs ?? 0);
    if (clock.monotonic() + wait >= endsAt) throw error;
    return wait;
  }

  async function token(request: ImdsTokenRequest, signal?: AbortSignal): Promise<ImdsToken> {
    const endsAt = clock.monotonic() + deadlineMs;
    const deadline = deadlineSignal(clock, deadlineMs, signal);
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await client.token(request, deadline.signal);
        } catch (error) {
          if (deadline.signal.aborted) throw error;
          await clock.sleep(waitAfter(error, attempt, endsAt), deadline.signal);
        }
      }
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      if (error instanceof ImdsError) throw error;
      if (!deadline.signal.aborted) throw error;
      throw new ImdsError('timeout', `IMDS gave no token within ${deadlineMs} ms`, { cause: error });
    } finally {
      deadline.done();
    }
  }

  return { token, close: () => client.close() };
}
