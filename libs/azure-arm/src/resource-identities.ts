import { idKey } from './resource-id.ts';
import type { AssignedIdentity, ResourceIdentities } from './types.ts';

interface PrincipalIds {
  readonly clientId?: string | null | undefined;
  readonly principalId?: string | null | undefined;
}

/** What the SDK gives for a VM or a scale set, as far as it matters here. */
export interface ComputeBody {
  readonly provisioningState?: string | undefined;
  readonly properties?: { readonly provisioningState?: string | undefined } | undefined;
  readonly identity?:
    | {
        readonly type?: string | undefined;
        readonly userAssignedIdentities?: Readonly<Record<string, PrincipalIds | null>> | undefined;
      }
    | undefined;
}

/** A deleted identity stays on the resource with null ids: then they are left out. */
function assigned(id: string, ids: PrincipalIds): AssignedIdentity {
  return {
    id,
    ...(ids.clientId ? { clientId: ids.clientId } : {}),
    ...(ids.principalId ? { principalId: ids.principalId } : {}),
  };
}

export function readIdentities(body: ComputeBody): ResourceIdentities {
  const type = body.identity?.type ?? 'None';
  const entries = Object.entries(body.identity?.userAssignedIdentities ?? {});
  return {
    type,
    systemAssigned: /systemassigned/i.test(type),
    userAssigned: new Map(entries.map(([id, ids]) => [idKey(id), assigned(id, ids ?? {})])),
    provisioningState: body.properties?.provisioningState ?? body.provisioningState,
  };
}
