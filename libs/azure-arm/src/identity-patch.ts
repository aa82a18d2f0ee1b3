import { idKey } from './resource-id.ts';
import type { IdentityChange, ResourceIdentities } from './types.ts';

export type IdentityType = 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';

/** The `identity` of a PATCH body: `{}` assigns, `null` takes off, what is not named stays. */
export interface IdentityPatch {
  readonly type: IdentityType;
  readonly userAssignedIdentities?: Readonly<Record<string, object | null>>;
}

/** ARM wants the type that the resource will have; the system-assigned identity is never ours to drop. */
function typeOf(systemAssigned: boolean, userAssigned: boolean): IdentityType {
  if (systemAssigned) return userAssigned ? 'SystemAssigned, UserAssigned' : 'SystemAssigned';
  return userAssigned ? 'UserAssigned' : 'None';
}

/** Ids to take off in ARM's own spelling, without those that are not there or are to be assigned. */
function removals({ add, remove, current }: IdentityChange): string[] {
  const added = new Set(add.map(idKey));
  const there = remove.map(idKey).filter((key) => !added.has(key));
  return [...new Set(there)].flatMap((key) => current.userAssigned.get(key)?.id ?? []);
}

function countAfter(current: ResourceIdentities, added: readonly string[], removed: readonly string[]): number {
  const left = new Set([...current.userAssigned.keys(), ...added.map(idKey)]);
  for (const id of removed) left.delete(idKey(id));
  return left.size;
}

/** What to send for a change. When no user-assigned identity is left, the type alone says so and no id is named. */
export function identityPatch(change: IdentityChange): IdentityPatch {
  const removed = removals(change);
  const left = countAfter(change.current, change.add, removed);
  const type = typeOf(change.current.systemAssigned, left > 0);
  if (left === 0) return { type };
  const entries: [string, object | null][] = [
    ...change.add.map((id): [string, object] => [id, {}]),
    ...removed.map((id): [string, null] => [id, null]),
  ];
  return { type, userAssignedIdentities: Object.fromEntries(entries) };
}
