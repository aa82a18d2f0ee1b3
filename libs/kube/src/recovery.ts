import { backoff } from '@aad-pod-identity/runtime';
import { isKubeError } from './errors.ts';

/** A server that refuses to go on from our version without saying 410 (it lost its history) is listed anew. */
const WATCH_FAILURES_BEFORE_LIST = 5;

/** A server that cannot be reached costs nothing to try again, and its return shall be noticed soon. */
const UNREACHABLE_MAX_MS = 1_500;

export type Phase = 'list' | 'watch';

export interface Recovery {
  waitMs: number;
  /** Whether the next step is a list, because a watch cannot go on from where it was. */
  relist: boolean;
}

/** Decides how a reflector goes on after a failure. `random` gives numbers in [0, 1) for the jitter. */
export function createRecovery(random: () => number) {
  const delay = backoff({ baseMs: 500, maxMs: 30_000, jitter: 0.5, random });
  let failures = 0;
  let watchFailures = 0;

  return {
    /** The server has shown that it works: the next failure is a first one again. */
    healthy(): void {
      failures = 0;
      watchFailures = 0;
    },
    listed(): void {
      watchFailures = 0;
    },
    after(error: unknown, during: Phase): Recovery {
      const attempt = failures++;
      const unreachable = isKubeError(error, 'unreachable');
      if (during === 'watch' && !unreachable) watchFailures++;
      const retryAfterMs = isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
      const gone = isKubeError(error, 'gone');
      // An expired watch is no fault of anybody: list at once. When the fresh list has expired too, something is wrong.
      if (gone && during === 'watch' && attempt === 0) return { waitMs: 0, relist: true };
      const relist = gone || watchFailures >= WATCH_FAILURES_BEFORE_LIST;
      const waitMs = unreachable ? Math.min(delay(attempt), UNREACHABLE_MAX_MS * (1 - random() / 2)) : delay(attempt);
      return { waitMs: Math.max(retryAfterMs, waitMs), relist };
    },
  };
}
