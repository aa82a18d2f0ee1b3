import {
  type AssignedState,
  type AzureAssignedIdentity,
  type AzureIdentity,
  sameResourceId,
  validateIdentity,
} from '@aad-pod-identity/crd-types';
import type { Pod } from '../pod.ts';
import { type BindingWorld, type Bound, boundIdentities } from './bound.ts';
import { type Grant, type GrantState, nameOf } from './grant.ts';

export interface AssignedWorld extends BindingWorld {
  /** MIC's records for a pod. */
  readonly recordsOf: (namespace: string, pod: string) => readonly AzureAssignedIdentity[];
}

/** An empty state is what an old MIC wrote for an identity that is assigned. */
const STATES: Readonly<Record<AssignedState | '', GrantState>> = {
  '': 'assigned',
  Assigned: 'assigned',
  Created: 'created',
  Unassigned: 'expected',
};

function isRecordOf({ spec }: AzureAssignedIdentity, { binding, identity }: Bound): boolean {
  const { azureBindingRef, azureIdentityRef } = spec;
  if (azureBindingRef === undefined || azureIdentityRef === undefined) return false;
  return nameOf(azureBindingRef) === nameOf(binding) && nameOf(azureIdentityRef) === nameOf(identity);
}

/** Whether MIC assigned what the identity says now; after an edit the record speaks of another one for a moment. */
function isCurrent(recorded: AzureIdentity, live: AzureIdentity): boolean {
  if (recorded.spec.type !== live.spec.type) return false;
  return live.spec.type !== 0 || sameResourceId(recorded.spec.resourceID, live.spec.resourceID);
}

/**
 * Of type 0 MIC records the client id that Azure knows. The author's could be that of an identity which is on the
 * machine for somebody else.
 */
function withClientId(live: AzureIdentity, recorded: AzureIdentity): AzureIdentity {
  const clientID = recorded.spec.clientID;
  return live.spec.type === 0 && clientID !== '' ? { ...live, spec: { ...live.spec, clientID } } : live;
}

function grantOf(bound: Bound, records: readonly AzureAssignedIdentity[]): Grant {
  if (validateIdentity(bound.identity).length > 0) return { ...bound, state: 'never' };
  const record = records.find((candidate) => isRecordOf(candidate, bound));
  const recorded = record?.spec.azureIdentityRef;
  if (record === undefined || recorded === undefined || !isCurrent(recorded, bound.identity)) {
    return { ...bound, state: 'expected' };
  }
  return { ...bound, identity: withClientId(bound.identity, recorded), state: STATES[record.status.status] };
}

/**
 * Standard mode: a grant is a binding that matches the pod now; MIC's record only says how far its assignment has come.
 * So what was unbound, relabelled or deleted is refused at once, even while MIC is away.
 */
export function assignedGrants(world: AssignedWorld): (pod: Pod) => readonly Grant[] {
  return (pod) => {
    const bound = boundIdentities(pod, world);
    if (bound.length === 0) return [];
    const records = world.recordsOf(pod.namespace, pod.name);
    return bound.map((each) => grantOf(each, records));
  };
}
