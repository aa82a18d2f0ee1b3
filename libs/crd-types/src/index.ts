export * from './group.ts';
export * from './types.ts';
export type { Read } from './read/result.ts';
export * from './readers.ts';
export { respellPatch } from './respell-patch.ts';
export * from './predicates.ts';
export {
  type IdentityResourceId,
  RESOURCE_ID_FORM,
  isUserAssignedIdentityId,
  parseResourceId,
  resourceIdProblem,
  sameResourceId,
} from './resource-id.ts';
export { validateBinding, validateIdentity } from './validate.ts';
export { customResourceDefinition } from './crd.ts';
