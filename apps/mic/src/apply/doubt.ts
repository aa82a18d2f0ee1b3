import type { ResourceIdentities } from '@aad-pod-identity/azure-arm';

const SECOND = 1000;
/** No write lasts longer: it has a deadline of five minutes where it was sent. */
const LONGEST_WRITE_MS = 6 * 60 * SECOND;
/** ARM may take up late what was sent before its connection broke. */
const LATE_START_MS = 30 * SECOND;

/**
 * Since when a write of ours may be under way whose end nobody here waits for: one that broke off, or one of the MIC
 * that led before. Monotonic milliseconds; undefined where there is none.
 */
export type Doubt = number | undefined;

/** Whether ARM works on nothing; `Updating` may be our write or anybody's. */
export function isSettled({ provisioningState }: ResourceIdentities): boolean {
  return /^(succeeded|failed|canceled)$/i.test(provisioningState ?? 'Succeeded');
}

/** What is left of `doubt` after a look at the VM or scale set. */
export function doubtAfter(doubt: Doubt, identities: ResourceIdentities, now: number): Doubt {
  if (doubt === undefined || !isSettled(identities)) return doubt;
  return now - doubt >= LATE_START_MS ? undefined : doubt;
}

/** Whether the next write has to wait, because what ARM works on is most likely the one in doubt. */
export function isUnderWay(doubt: Doubt, identities: ResourceIdentities, now: number): boolean {
  return doubt !== undefined && !isSettled(identities) && now - doubt < LONGEST_WRITE_MS;
}

/** Whether what is not there any more is gone for good, and not about to come by a write of ours. */
export function isFinal(doubt: Doubt, identities: ResourceIdentities): boolean {
  return doubt === undefined && isSettled(identities);
}
