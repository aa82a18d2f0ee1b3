/**
 * The few fates of a unit of work, decided in one place and read by whoever scheduled it:
 * - `done`: nothing to do until the next event;
 * - `retry`: again, after the scheduler's own back-off;
 * - `retryAfter`: again, after exactly `ms` milliseconds, because somebody said so (a `Retry-After`, a known delay);
 * - `terminal`: never again until the object changes; `reason` is one line for people.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly error?: Error }
  | { readonly kind: 'retryAfter'; readonly ms: number; readonly reason?: string }
  | { readonly kind: 'terminal'; readonly reason: string };
