import { type IdCase, spell } from './ids.ts';
import type { AzureState, ComputeResource } from './state.ts';

const SYSTEM = 'SystemAssigned';
const USER = 'UserAssigned';

function identityType({ systemAssigned, userAssigned }: ComputeResource): string {
  const kinds = [systemAssigned === undefined ? '' : SYSTEM, userAssigned.size === 0 ? '' : USER];
  return kinds.filter((kind) => kind !== '').join(', ') || 'None';
}

/** A deleted identity stays on the resource, but nobody knows whose it was. */
function userAssignedBody(state: AzureState, resource: ComputeResource, idCase: IdCase): object {
  const entries = [...resource.userAssigned].map(([key, { id, clientId, principalId }]) => {
    const gone = state.identities.get(key)?.breakage === 'missing' || !state.identities.has(key);
    return [spell(id, idCase), gone ? { clientId: null, principalId: null } : { clientId, principalId }];
  });
  return Object.fromEntries(entries) as object;
}

/** The resource as a GET shows it. */
export function resourceBody(state: AzureState, resource: ComputeResource, idCase: IdCase): object {
  const { systemAssigned, userAssigned } = resource;
  return {
    id: spell(resource.id, idCase),
    name: resource.name,
    type: resource.kind === 'vm' ? 'Microsoft.Compute/virtualMachines' : 'Microsoft.Compute/virtualMachineScaleSets',
    location: 'simulated',
    identity: {
      type: identityType(resource),
      ...(systemAssigned === undefined ? {} : { principalId: systemAssigned.principalId, tenantId: state.tenantId }),
      ...(userAssigned.size === 0 ? {} : { userAssignedIdentities: userAssignedBody(state, resource, idCase) }),
    },
    properties: {
      provisioningState: resource.provisioningState,
      ...(resource.scaleSet === undefined ? {} : { virtualMachineScaleSet: { id: spell(resource.scaleSet, idCase) } }),
    },
  };
}
