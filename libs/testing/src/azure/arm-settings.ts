import type { ArmLimits } from './arm-limits.ts';
import type { IdCase } from './ids.ts';

/** How ARM behaves; every field may be changed at any time. */
export interface ArmSettings {
  /** Milliseconds that a write takes; 0: done with its first answer; Infinity: until `AzureControl.endWrites`. */
  updateMs: number;
  /** How a long write is followed: `Azure-AsyncOperation` or `Location`. */
  follow: 'operation' | 'location';
  /** `Retry-After` of polls, in whole seconds; undefined: none. */
  pollRetryAfter: number | undefined;
  /** Spelling of resource ids in answers. */
  idCase: IdCase;
  /** Whether a second write to a resource gets 409. Either way it is noticed in the state. */
  refuseConcurrentWrites: boolean;
  /** Whether bad identities fail the write at once or at its end. Needs `updateMs` above 0 for the latter. */
  failAt: 'call' | 'end';
  /** How many requests a subscription may send; by default any number. */
  limits: ArmLimits;
  /** Headers of every answer besides. */
  headers: Readonly<Record<string, string>>;
}

export const defaultArmSettings = (): ArmSettings => ({
  updateMs: 0,
  follow: 'operation',
  pollRetryAfter: undefined,
  idCase: 'asGiven',
  refuseConcurrentWrites: true,
  failAt: 'call',
  limits: {},
  headers: {},
});
