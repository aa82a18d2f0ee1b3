import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import type { RecordView } from '../world/views.ts';
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
  readonly isProtected: (armId: string, clientId: string | undefined) => boolean;
  readonly isResting: (armId: string) => boolean;
  readonly faultOf: (armId: string) => Fault | undefined;
}

export interface TargetPlan extends IdentityPlan {
  readonly records: RecordPlan;
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
  return { add: [], remove: [], leaving, ledger: owned };
}

/**
 * An identity that is there can be used. One that was assigned and is gone is put back at once, and its record goes on
 * saying Assigned meanwhile, unless that fails. While nobody knows what is there, what was assigned counts as such.
 */
function statusOf(need: Need, record: RecordView | undefined, input: TargetPlanInput): RecordStatus {
  const armId = armIdOf(need.identity);
  if (armId === undefined || input.present?.has(armId)) return ASSIGNED;
  const wasAssigned = record?.state === 'Assigned' && armIdOf(record.identity) === armId;
  const fault = input.faultOf(armId);
  if (fault !== undefined && !(wasAssigned && input.present === undefined)) return { state: 'Created', ...fault };
  return wasAssigned ? ASSIGNED : ASSIGNING;
}

/** Type 0 may leave its client id out: Azure knows it, and the record of the pod is to say it. */
function withClientId(need: Need, present: PresentIdentities | undefined): Need {
  const { identity } = need;
  const clientID = present?.get(armIdOf(identity) ?? '')?.clientId;
  if (identity.spec.clientID !== '' || clientID === undefined) return need;
  return { ...need, identity: { ...identity, spec: { ...identity.spec, clientID } } };
}

/** Everything that is to happen to one VM or scale set and the records of its pods, as a value. */
export function planTarget(input: TargetPlanInput): TargetPlan {
  const owned = new Set([...input.ledger, ...assignedByPredecessor(input.records)]);
  const { present } = input;
  const identities =
    present === undefined
      ? planUnknown(input, owned)
      : planIdentities({ ...input, needed: neededIds(input.needs), owned, present });
  const records = planRecords({
    ...input,
    needs: input.needs.map((need) => withClientId(need, present)),
    statusOf: (need, record) => statusOf(need, record, input),
    isLeaving: (armId) => identities.leaving.has(armId),
  });
  return { ...identities, records };
}
