import { type AzureIdentity, parseResourceId, resourceIdProblem } from '@aad-pod-identity/crd-types';

/** What a federated credential is created on. `key` is the same for the same thing in Azure, in any case. */
export type Target =
  | {
      readonly kind: 'managed';
      readonly key: string;
      readonly subscription: string;
      readonly resourceGroup: string;
      readonly name: string;
    }
  | { readonly kind: 'application'; readonly key: string; readonly appId: string };

/** An id of Azure: letters, digits and dashes, so that it can be no option, no file and no code of a shell. */
const ID = /^[0-9A-Za-z][0-9A-Za-z-]*$/;
/** Names of groups and identities; a first `@` or `-` would mean something else to the command line of Azure. */
const NAME = /^[\p{L}\p{N}_(][\p{L}\p{N}_().-]*$/u;

/** A tenant may be named by its domain as well. */
const TENANT = /^[0-9A-Za-z][0-9A-Za-z.-]*$/;

export const isTenant = (text: string): boolean => TENANT.test(text);

export const isId = (text: string): boolean => ID.test(text);

function managedTarget(resourceId: string): Target | undefined {
  const parts = parseResourceId(resourceId);
  if (parts === undefined || !isId(parts.subscriptionId)) return undefined;
  const { subscriptionId: subscription, resourceGroup, name } = parts;
  if (!NAME.test(resourceGroup) || !NAME.test(name)) return undefined;
  const key = [subscription, resourceGroup, name].join('/').toLowerCase();
  return { kind: 'managed', key, subscription, resourceGroup, name };
}

/** The target of an identity, or the sentence that says what is wrong with the object. */
export function targetOf({ spec }: AzureIdentity): Target | { readonly problem: string } {
  if (spec.type !== 0) {
    const { clientID: appId } = spec;
    if (isId(appId)) return { kind: 'application', key: appId.toLowerCase(), appId };
    return { problem: appId === '' ? 'it has no clientID' : 'its clientID is not of the form of an id' };
  }
  const found = resourceIdProblem(spec.resourceID) ?? 'a name that Azure does not allow';
  return managedTarget(spec.resourceID) ?? { problem: `in its resourceID there is ${found}` };
}
