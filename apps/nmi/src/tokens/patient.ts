import { abortReason, backoff, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import { asNmiError, mayPass, NmiError } from '../errors.ts';
import { CircuitOpenError } from './circuit.ts';
import type { TokenSource } from './token-source.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  /** All attempts and waits together, in milliseconds; shorter than what clients wait for. */
  readonly deadlineMs: number;
  readonly random?: () => number;
}

/** A dead target is not waited for: clients ask again, and are told when. */
const MAX_CIRCUIT_WAIT_MS = 1_000;

/** How long to wait before another attempt; undefined if there shall be none. */
function waitAfter(thrown: unknown, backoffMs: number, leftMs: number): number | undefined {
  const error = asNmiError(thrown);
  if (!mayPass(error)) return undefined;
  const { code, retryAfterMs = 0 } = error;
  if (thrown instanceof CircuitOpenError && code !== 'throttled' && retryAfterMs > MAX_CIRCUIT_WAIT_MS)
    return undefined;
  const wait = Math.max(backoffMs, retryAfterMs);
  return wait < leftMs ? wait : undefined;
}

/**
 * Asks again while the failure may pass, as long as another attempt fits before the deadline. A `Retry-After` is
 * waited for; if it lies beyond the deadline, the failure is passed on at once, with it.
 */
export function patient<R>(source: TokenSource<R>, options: PatienceOptions): TokenSource<R> {
  const { clock, deadlineMs } = options;
  const delay = backoff({ baseMs: 250, maxMs: 4_000, ...(options.random ? { random: options.random } : {}) });

  return async (request, signal) => {
    const endsAt = clock.monotonic() + deadlineMs;
    const deadline = deadlineSignal(clock, deadlineMs, signal);
    let failure: unknown = new NmiError('upstreamUnavailable');
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await source(request, deadline.signal);
        } catch (thrown) {
          if (deadline.signal.aborted) throw failure;
          failure = thrown;
          const wait = waitAfter(thrown, delay(attempt), endsAt - clock.monotonic());
          if (wait === undefined) throw thrown;
          await clock.sleep(wait, deadline.signal);
        }
      }
    } catch (thrown) {
      if (signal.aborted) throw abortReason(signal);
      throw deadline.signal.aborted ? failure : thrown;
    } finally {
      deadline.done();
    }
  };
}
