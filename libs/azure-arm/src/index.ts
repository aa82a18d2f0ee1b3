export { type ArmClientOptions, createArmClient } from './client.ts';
export { ArmError, type ArmErrorCode, type ArmErrorDetails, type ThrottleScope } from './errors.ts';
export type { ArmRequest } from './requests.ts';
export { type Target, parseProviderId, targetKey, targetResourceId } from './target.ts';
export {
  type ArmClient,
  type ArmTimeouts,
  type AssignedIdentity,
  type IdentityChange,
  MAX_IDS_PER_UPDATE,
  type ResourceIdentities,
  type TokenSource,
  type UserAssignedIdentity,
  type WriteTurn,
} from './types.ts';
export { parseIdentityId } from './resource-id.ts';
