export { type Clock, systemClock, abortReason, deadlineSignal } from './clock.ts';
