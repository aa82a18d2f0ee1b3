import type { ArmError, ResourceIdentities } from '@aad-pod-identity/azure-arm';

/** Whether the answer to a write tells the client ids of what was assigned; else it takes a look to learn them. */
export function saysWhose(
  add: readonly string[],
  refused: ReadonlyMap<string, ArmError>,
  { userAssigned }: ResourceIdentities,
): boolean {
  const armIds = add.map((id) => id.toLowerCase()).filter((armId) => !refused.has(armId));
  return armIds.every((armId) => userAssigned.get(armId)?.clientId !== undefined);
}
