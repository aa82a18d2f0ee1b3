import type { InFlight } from './in-flight.ts';

/** Identities of one VM or scale set, by lower-cased resource id. */
export interface IdentityPlanInput {
  /** Needed id -> as the user wrote it. */
  readonly needed: ReadonlyMap<string, string>;
  /** What MIC itself has put there. */
  readonly owned: ReadonlySet<string>;
  /** What is there now, without what is in flight -> as ARM wrote it. */
  readonly present: ReadonlyMap<string, { readonly id: string; readonly clientId?: string }>;
  /** Whether what is not there stays away: no write of ours can be on its way. */
  readonly isFinal: boolean;
  /** Whether a write of ours is most likely under way: nothing else is written until it has ended. */
  readonly isUnderWay: boolean;
  readonly inFlight: InFlight;
  /** The cluster's own identity and those the user declared immutable. */
  readonly isProtected: (armId: string, clientId: string | undefined) => boolean;
  /** Ids whose last write failed and whose time to be tried again has not come. */
  readonly isResting: (armId: string) => boolean;
  /** Ids of which the old one is there, deleted and recreated in Azure since; and whether the time to replace it has come. */
  readonly isOutdated: (armId: string) => boolean;
  readonly mayReplace: (armId: string) => boolean;
}

export interface IdentityPlan {
  /** As the user wrote them. */
  readonly add: readonly string[];
  /** As ARM wrote them. */
  readonly remove: readonly string[];
  /** Owned, present or in flight, and needed by nobody, those that are resting included. */
  readonly leaving: ReadonlySet<string>;
  /** Owned, needed and outdated: to be taken off and, once they are off, put back. Those that wait for it included. */
  readonly outdated: ReadonlySet<string>;
  /** What MIC put there, as far as it is or may yet come there. */
  readonly owned: ReadonlySet<string>;
  /**
   * What MIC must be known to own before anything is written to Azure: what it put there and still is or may yet come,
   * and what it is about to put there. Written first, so that a crash in between leaves nothing behind that nobody owns.
   */
  readonly ledger: ReadonlySet<string>;
}

export function planIdentities(input: IdentityPlanInput): IdentityPlan {
  const { needed, owned, present, isFinal, isUnderWay, inFlight, isProtected, isResting } = input;
  const isUnneeded = (armId: string): boolean =>
    !needed.has(armId) && !isProtected(armId, present.get(armId)?.clientId);
  const mayWrite = (armId: string): boolean => !isUnderWay && !isResting(armId);
  const add = [...needed].filter(([armId]) => !present.has(armId) && mayWrite(armId));
  const there = [...owned].filter((armId) => present.has(armId));
  const ours = isFinal ? there : owned;
  const leaving = there.filter(isUnneeded);
  const isOurs = (armId: string): boolean => needed.has(armId) && !isProtected(armId, present.get(armId)?.clientId);
  const outdated = there.filter((armId) => isOurs(armId) && input.isOutdated(armId));
  const off = [...leaving, ...outdated.filter(input.mayReplace)];
  return {
    add: add.map(([, id]) => id),
    remove: off.filter(mayWrite).map((armId) => present.get(armId)?.id ?? armId),
    leaving: new Set([...leaving, ...[...inFlight.add, ...inFlight.remove].filter(isUnneeded)]),
    outdated: new Set(outdated),
    owned: new Set(ours),
    ledger: new Set([...ours, ...add.map(([armId]) => armId)]),
  };
}
