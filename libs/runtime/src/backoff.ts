export interface BackoffOptions {
  /** Wait before the second try, in milliseconds, before jitter. */
  readonly baseMs: number;
  /** No wait is longer than this, jitter included. */
  readonly maxMs: number;
  readonly factor?: number;
  /** Share of the wait that is drawn at random around it: 0.2 gives 0.8 to 1.2 of it. */
  readonly jitter?: number;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/** Exponential back-off: the returned function gives the milliseconds to wait after failure number `attempt`, from 0. */
export function backoff(options: BackoffOptions): (attempt: number) => number {
  const { baseMs, maxMs, factor = 2, jitter = 0.2, random = Math.random } = options;
  return (attempt) => {
    const exact = Math.min(maxMs, baseMs * factor ** attempt);
    const spread = 1 + jitter * (2 * random() - 1);
    return Math.min(maxMs, Math.round(exact * spread));
  };
}
