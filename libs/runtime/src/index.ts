export { type BackoffOptions, backoff } from './backoff.ts';
export { type Clock, systemClock, abortReason, deadlineSignal } from './clock.ts';
export { type Outcome } from './outcome.ts';
