import type { AssignedIdentity, UserAssignedIdentity } from '@aad-pod-identity/azure-arm';
import type { Fault } from './target-plan.ts';

/** What Azure said of an identity when it was looked up, or why that failed. */
export type IdentityFact = UserAssignedIdentity | { readonly fault: Fault };

/**
 * Whether an identity is there. `unknown` where Azure does not say: MIC's own principal often may assign identities
 * without being allowed to read them. `unasked` before the first answer.
 */
export type Existence = 'exists' | 'gone' | 'unknown' | 'unasked';

/** What is known of an identity, whatever it is assigned to. */
export interface KnownIdentity {
  readonly fact: IdentityFact | undefined;
  readonly existence: Existence;
  /** When that was asked for (monotonic milliseconds). */
  readonly at: number;
}

export const UNASKED: KnownIdentity = { fact: undefined, existence: 'unasked', at: -Infinity };

type Shown = Pick<AssignedIdentity, 'clientId' | 'principalId'>;

const isOther = (shown: string | undefined, said: string): boolean =>
  shown !== undefined && shown.toLowerCase() !== said.toLowerCase();

/**
 * Whether a VM or scale set shows an identity that was deleted and recreated under the same name since: with no ids, or
 * with those of the old one. Where Azure does not say whose ids are right, only missing ones tell.
 */
export function contradicts({ clientId, principalId }: Shown, { fact, existence }: KnownIdentity): boolean {
  if (existence === 'unknown') return clientId === undefined;
  if (existence !== 'exists' || fact === undefined || 'fault' in fact) return false;
  return clientId === undefined || isOther(clientId, fact.clientId) || isOther(principalId, fact.principalId);
}

/** An answer so much older than what contradicts it may be the outdated one of the two. */
const LATE_MS = 60_000;

/** `shownAt`: when the VM or scale set was asked (monotonic milliseconds). */
export function isOutdated(shown: Shown, shownAt: number, known: KnownIdentity): boolean {
  return known.at + LATE_MS >= shownAt && contradicts(shown, known);
}
