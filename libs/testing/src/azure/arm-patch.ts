import { armFailure } from './arm-replies.ts';
import { IDENTITY_ID, newGuid, sameKey } from './ids.ts';
import type { Reply } from './service.ts';
import type { AzureState, ComputeResource } from './state.ts';

/** The identities that a PATCH asks for. */
export interface IdentityPatch {
  readonly systemAssigned: boolean;
  readonly userAssigned: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export const MAX_IDENTITIES = 150;

const TYPES = new Set(['none', 'systemassigned', 'userassigned', 'systemassigned, userassigned']);

interface Body {
  readonly identity?: { readonly type?: unknown; readonly userAssignedIdentities?: Record<string, unknown> | null };
}

const invalid = (message: string): Reply => armFailure(400, 'InvalidParameter', message);

/** Reads a PATCH body, or says why ARM would not. */
export function readPatch(text: string): IdentityPatch | Reply {
  let body: Body;
  try {
    body = JSON.parse(text) as Body;
  } catch {
    return armFailure(400, 'InvalidRequestContent', 'The request content was invalid and could not be deserialized.');
  }
  const given = body.identity?.type;
  const type = typeof given === 'string' ? given.toLowerCase() : '';
  const entries = Object.entries(body.identity?.userAssignedIdentities ?? {});
  if (!TYPES.has(type)) return invalid(`The value '${type}' of parameter 'identity.type' is not valid.`);
  const userAssigned = type.includes('userassigned');
  if (!userAssigned && entries.length > 0) {
    return invalid("'identity.userAssignedIdentities' needs a type that contains 'UserAssigned'.");
  }
  if (entries.length > MAX_IDENTITIES) return invalid(`At most ${MAX_IDENTITIES} identities may be named.`);
  return {
    systemAssigned: type.includes('systemassigned'),
    userAssigned,
    add: entries.filter(([, value]) => value !== null).map(([id]) => id),
    remove: entries.filter(([, value]) => value === null).map(([id]) => id),
  };
}

const forbidden = (resource: ComputeResource, ids: readonly string[]): Reply => {
  const client = newGuid();
  return armFailure(
    403,
    'LinkedAuthorizationFailed',
    `The client '${client}' with object id '${client}' has permission to perform action ` +
      `'Microsoft.Compute/${resource.kind}/write' on scope '${resource.id}'; however, it does not have permission to ` +
      `perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) ` +
      `'${ids.join(',')}' (respectively) or the linked scope(s) are invalid.`,
  );
};

const missing = (resource: ComputeResource, id: string): Reply => {
  const inner = JSON.stringify(armErrorText(id));
  return armFailure(
    400,
    'FailedIdentityOperation',
    `Identity operation for resource '${resource.id}' failed with error 'Failed to perform resource identity ` +
      `operation. Status: 'BadRequest'. Response: '${inner}'.'.`,
  );
};

const armErrorText = (id: string): object => ({
  error: { code: 'BadRequest', message: `Resource '${id}' was not found.` },
});

const malformed = (id: string): Reply =>
  armFailure(
    400,
    'LinkedInvalidPropertyId',
    `Property id '${id}' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that ` +
      "start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
  );

/** The whole PATCH fails for one bad identity; permissions are checked first, and named all together. */
export function badIdentity(state: AzureState, resource: ComputeResource, patch: IdentityPatch): Reply | undefined {
  const breakage = (id: string) => {
    const identity = state.identities.get(sameKey(id));
    if (identity === undefined) return IDENTITY_ID.test(id) ? 'missing' : 'invalid';
    return identity.breakage;
  };
  const broken = (kind: string): string[] => patch.add.filter((id) => breakage(id) === kind);
  const [invalidId] = broken('invalid');
  if (invalidId !== undefined) return malformed(invalidId);
  const forbiddenIds = broken('forbidden');
  if (forbiddenIds.length > 0) return forbidden(resource, forbiddenIds);
  const [missingId] = broken('missing');
  return missingId === undefined ? undefined : missing(resource, missingId);
}

/** Whether `UserAssigned` would be left without any identity, which ARM refuses. */
export function leavesNone(resource: ComputeResource, patch: IdentityPatch): boolean {
  const left = new Set(resource.userAssigned.keys());
  for (const id of patch.remove) left.delete(sameKey(id));
  for (const id of patch.add) left.add(sameKey(id));
  return patch.userAssigned && left.size === 0;
}

/**
 * Ids not named stay, unless the type says that there are none any more. One that is there already stays what it is,
 * even if the identity was recreated since: only taking it off first makes it the new one.
 */
export function applyPatch(state: AzureState, resource: ComputeResource, patch: IdentityPatch): void {
  if (!patch.systemAssigned) resource.systemAssigned = undefined;
  else resource.systemAssigned ??= { clientId: newGuid(), principalId: newGuid() };
  if (!patch.userAssigned) resource.userAssigned.clear();
  for (const id of patch.remove) resource.userAssigned.delete(sameKey(id));
  for (const id of patch.add) if (!resource.userAssigned.has(sameKey(id))) state.assign(resource, id);
}
