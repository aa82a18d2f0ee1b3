import { randomUUID } from 'node:crypto';

export const newGuid = (): string => randomUUID();

/** Resource ids compare without regard to case. */
export const sameKey = (id: string): string => id.toLowerCase();

export function identityId(subscriptionId: string, resourceGroup: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

const COMPUTE_TYPE = { vm: 'virtualMachines', vmss: 'virtualMachineScaleSets' } as const;

export type ComputeKind = keyof typeof COMPUTE_TYPE;

export function computeId(kind: ComputeKind, subscriptionId: string, resourceGroup: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/${COMPUTE_TYPE[kind]}/${name}`;
}

export const IDENTITY_ID =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/]+$/i;

/** How ARM spells the ids it gives back. */
export type IdCase = 'asGiven' | 'lower' | 'upper';

export function spell(id: string, idCase: IdCase): string {
  if (idCase === 'lower') return id.toLowerCase();
  return idCase === 'upper' ? id.toUpperCase() : id;
}
