import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { redactId } from '@aad-pod-identity/runtime';
import type { RecordView } from '../world/views.ts';
import { certain, type InFlight } from './in-flight.ts';
import { armIdOf, type Need } from './need.ts';
import { type IdentityPlan, planIdentities } from './plan-identities.ts';
import { planRecords, type RecordPlan, type RecordPlanInput } from './plan-records.ts';
import type { RecordStatus } from './record-form.ts';

/** Why an identity is not assigned: one word for programs and a line for people. */
export interface Fault {
  readonly reason: string;
  readonly message: string;
}

export type PresentIdentities = ReadonlyMap<string, { readonly id: string; readonly clientId?: string }>;

export interface TargetPlanInput extends Pick<RecordPlanInput, 'needs' | 'records' | 'namespaceOf' | 'isTaken'> {
  /** Undefined while it is not known what is on the VM or scale set. */
  readonly present: PresentIdentities | undefined;
  /** What the ledger says that MIC has put there, lower-cased. */
  readonly ledger: ReadonlySet<string>;
  /** See `IdentityPlanInput`. */
  readonly isFinal: boolean;
  readonly isUnderWay: boolean;
  readonly inFlight: InFlight;
  readonly isProtected: (armId: string, clientId: string | undefined) => boolean;
  readonly isResting: (armId: string) => boolean;
  readonly isOutdated: (armId: string) => boolean;
  readonly mayReplace: (armId: string) => boolean;
  /** The client id that Azure gives an identity, if it said so. */
  readonly clientIdOf: (armId: string) => string | undefined;
  readonly faultOf: (armId: string) => Fault | undefined;
}

export interface TargetPlan extends IdentityPlan {
  readonly records: RecordPlan;
}

/** Whether something is to be written to the VM or scale set itself. */
export function wantsWrite({ add, remove }: IdentityPlan): boolean {
  return add.length + remove.length > 0;
}

const ASSIGNED: RecordStatus = { state: 'Assigned', reason: 'Assigned', message: 'the identity can be used' };
const ASSIGNING: RecordStatus = { state: 'Created', reason: 'Assigning', message: 'the identity is being assigned' };

/** 1.8.17 kept no ledger: what it assigned it would also have removed, and its records show by their finalizer. */
function assignedByPredecessor(records: readonly RecordView[]): string[] {
  return records
    .filter(({ state, finalizers }) => state === 'Assigned' && finalizers.includes(LEGACY_FINALIZER))
    .flatMap(({ identity }) => armIdOf(identity) ?? []);
}

function neededIds(needs: readonly Need[]): ReadonlyMap<string, string> {
  return new Map(
    needs.flatMap(({ identity }) => {
      const armId = armIdOf(identity);
      return armId === undefined ? [] : [[armId, identity.spec.resourceID] as const];
    }),
  );
}

/** Without knowledge of the VM or scale set nothing is written to it, and what may be ours stays ours. */
function planUnknown(input: TargetPlanInput, owned: ReadonlySet<string>): IdentityPlan {
  const needed = neededIds(input.needs);
  const leaving = new Set([...owned].filter((armId) => !needed.has(armId)));
  return { add: [], remove: [], leaving, outdated: new Set(), owned, ledger: owned };
}

/** Azure goes on to list an identity that was deleted, without its ids: nobody gets a token of it. */
const DELETED: RecordStatus = {
  state: 'Created',
  reason: 'IdentityDeleted',
  message: 'the identity does not exist in Azure any more',
};

const RECREATED = 'the identity was deleted and recreated in Azure, and the old one is assigned';
const REPLACING: RecordStatus = {
  state: 'Created',
  reason: 'IdentityRecreated',
  message: `${RECREATED}: it is replaced`,
};
/** Whoever put it there may want it to stay. */
const NOT_OURS: RecordStatus = {
  ...REPLACING,
  message: `${RECREATED} by somebody else: take it off the VM or scale set, and it is put back`,
};

/** Whether it says that something is on its way, as it should be, and not that something failed. */
export function isOnItsWay({ reason, message }: Pick<RecordStatus, 'reason' | 'message'>): boolean {
  return reason === ASSIGNING.reason || message === REPLACING.message;
}

/** The resource id names the identity; a client id that says otherwise is left unheard, and told. */
function statusOfPresent({ identity }: Need, { clientId }: { readonly clientId?: string }): RecordStatus {
  if (clientId === undefined) return DELETED;
  const { clientID } = identity.spec;
  if (clientID === '' || clientID.toLowerCase() === clientId.toLowerCase()) return ASSIGNED;
  const message = `the identity can be used; its clientID is ${redactId(clientId)} in Azure, not ${redactId(clientID)}`;
  return { state: 'Assigned', reason: 'ClientIDMismatch', message };
}

/** What a record says of a pod that was on another node says nothing of where the pod is now. */
function isAssignedHere({ pod, identity }: Need, record: RecordView | undefined): boolean {
  if (record?.state !== 'Assigned' || record.node !== pod.node) return false;
  return armIdOf(record.identity) === armIdOf(identity);
}

/**
 * An identity that is there can be used. One that was assigned and is gone is put back at once, and its record goes on
 * saying Assigned meanwhile, unless that fails or a write is taking it off. While nobody knows what is there, what was
 * assigned counts as such.
 */
function statusOf(
  need: Need,
  record: RecordView | undefined,
  input: TargetPlanInput,
  { outdated }: IdentityPlan,
): RecordStatus {
  const armId = armIdOf(need.identity);
  if (armId === undefined) return ASSIGNED;
  const there = input.present?.get(armId);
  const fault = input.faultOf(armId);
  const isLeaving = input.inFlight.remove.has(armId);
  if ((there !== undefined || isLeaving) && input.isOutdated(armId)) {
    if (!outdated.has(armId) && !isLeaving) return NOT_OURS;
    return fault === undefined ? REPLACING : { state: 'Created', ...fault };
  }
  if (there !== undefined) return statusOfPresent(need, there);
  const wasAssigned = !isLeaving && isAssignedHere(need, record);
  if (fault !== undefined && !(wasAssigned && input.present === undefined)) return { state: 'Created', ...fault };
  return wasAssigned ? ASSIGNED : ASSIGNING;
}

/** Of type 0 Azure knows the client id; the author's is a guess that may name somebody else's identity. */
function withClientId(
  need: Need,
  record: RecordView | undefined,
  { present, clientIdOf }: Pick<TargetPlanInput, 'present' | 'clientIdOf'>,
): Need {
  const { identity } = need;
  const armId = armIdOf(identity);
  if (armId === undefined) return need;
  const known = armIdOf(record?.identity) === armId ? record?.identity?.spec.clientID : undefined;
  const said = present?.get(armId)?.clientId ?? clientIdOf(armId);
  const clientID = said ?? (known || identity.spec.clientID);
  if (clientID === identity.spec.clientID) return need;
  return { ...need, identity: { ...identity, spec: { ...identity.spec, clientID } } };
}

/** Everything that is to happen to one VM or scale set and the records of its pods, as a value. */
export function planTarget(given: TargetPlanInput): TargetPlan {
  const present = given.present && certain(given.present, given.inFlight);
  const input = { ...given, present };
  const inherited = assignedByPredecessor(input.records);
  const owned = new Set([...input.ledger, ...inherited]);
  const identities =
    present === undefined
      ? planUnknown(input, owned)
      : planIdentities({ ...input, needed: neededIds(input.needs), owned, present });
  // What only a record of 1.8.17 says is to be in the ledger before that record may go.
  const unlisted = new Set(inherited.filter((armId) => identities.owned.has(armId) && !input.ledger.has(armId)));
  const records = planRecords({
    ...input,
    resolve: (need, record) => withClientId(need, record, input),
    statusOf: (need, record) => statusOf(need, record, input, identities),
    // Its finalizer would hold it for ever where MIC goes before it does.
    mayRelease: ({ finalizers, identity }) =>
      finalizers.includes(LEGACY_FINALIZER) && !unlisted.has(armIdOf(identity) ?? ''),
    isLeaving: (armId) => identities.leaving.has(armId) || unlisted.has(armId),
  });
  return { ...identities, records };
}
