import { backoff } from '@aad-pod-identity/runtime';

/** When to ask for the next token, in milliseconds from now. */
export interface RefreshTimes {
  /** After a token came. `sameAsBefore`: it ends when the one before ended, because whoever gave it caches too. */
  afterToken(leftMs: number, sameAsBefore: boolean): number;
  /** After failure number `attempt`, from 0. */
  afterFailure(attempt: number, askedForMs: number | undefined): number;
}

/** Never later than at half of what is left; some earlier, so that tokens of one moment are not renewed in one. */
const EARLIEST = 0.4;
const LATEST = 0.5;

/** Where half of what is left is the same short time again and again, it is not asked for that often. */
const SAME_MIN_MS = 5_000;

export function refreshTimes(random: () => number = Math.random): RefreshTimes {
  const delay = backoff({ baseMs: 5_000, maxMs: 60_000, random });
  return {
    afterToken: (leftMs, sameAsBefore) => {
      const wait = leftMs * (EARLIEST + (LATEST - EARLIEST) * random());
      return sameAsBefore ? Math.max(SAME_MIN_MS, wait) : wait;
    },
    afterFailure: (attempt, askedForMs = 0) => Math.max(delay(attempt), askedForMs),
  };
}
