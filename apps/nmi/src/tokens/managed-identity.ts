import { type AzureIdentity, sameResourceId } from '@aad-pod-identity/crd-types';
import type { ImdsClient, ImdsToken, ImdsTokenRequest } from '@aad-pod-identity/imds';
import { NmiError } from '../errors.ts';
import { nameOf } from '../identity/grant.ts';
import type { Selector } from '../token-request.ts';
import { claimsOf } from './claims.ts';
import type { TokenOperation } from './observed.ts';
import type { TokenSource } from './token-source.ts';

/** Ids compare without regard to case; the resource comes back as it was sent, so it counts exactly. */
export function managedIdentityKey({ resource, clientId, objectId, msiResId }: ImdsTokenRequest): string {
  return JSON.stringify([resource, ...[clientId, objectId, msiResId].map((id) => id?.toLowerCase() ?? null)]);
}

export function operationOf({ clientId, objectId, msiResId }: ImdsTokenRequest): TokenOperation {
  return (clientId ?? objectId ?? msiResId) === undefined ? 'adal_token_msi' : 'adal_token_msi_userassignedid';
}

export function imdsSource(client: ImdsClient): TokenSource<ImdsTokenRequest> {
  return (request, signal) => client.token(request, signal);
}

/**
 * What to ask IMDS for, for an identity of type 0. Its client id may be left out where nobody filled it in; without
 * any id IMDS would choose an identity itself, so that is never asked.
 */
export function identityRequest(identity: AzureIdentity, resource: string): ImdsTokenRequest {
  const { clientID, resourceID } = identity.spec;
  if (clientID !== '') return { resource, clientId: clientID };
  if (resourceID !== '') return { resource, msiResId: resourceID };
  throw new NmiError('identityMisconfigured', `AzureIdentity ${nameOf(identity)} has neither clientID nor resourceID`);
}

/**
 * IMDS answers for whatever client id it is asked by. Where the token says whose it is, it must be the identity that
 * was named by its resource id: in managed mode nobody else has compared the two.
 * @throws NmiError `identityMisconfigured`
 */
export function checkOwner(identity: AzureIdentity, { accessToken }: ImdsToken): void {
  const { resourceID } = identity.spec;
  const owner = claimsOf(accessToken).resourceId;
  if (resourceID === '' || owner === undefined || sameResourceId(owner, resourceID)) return;
  const name = nameOf(identity);
  throw new NmiError('identityMisconfigured', `clientID of AzureIdentity ${name} is not that of its resourceID`);
}

/** What to ask IMDS for on behalf of a pod that may have every identity of the node. */
export function nodeRequest(selector: Selector, resource: string): ImdsTokenRequest {
  switch (selector.by) {
    case 'any':
      return { resource };
    case 'clientId':
      return { resource, clientId: selector.id };
    case 'objectId':
      return { resource, objectId: selector.id };
    case 'resourceId':
      return { resource, msiResId: selector.id };
  }
}
