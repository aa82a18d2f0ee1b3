import { type AzureIdentity, sameResourceId } from '@aad-pod-identity/crd-types';
import type { ImdsClient, ImdsToken, ImdsTokenRequest } from '@aad-pod-identity/imds';
import { NmiError } from '../errors.ts';
import { nameOf } from '../identity/grant.ts';
import { memoized, memoizedOf } from '../memoized.ts';
import type { Selector } from '../token-request.ts';
import { claimsOf } from './claims.ts';
import type { TokenOperation } from './observed.ts';
import type { TokenSource } from './token-source.ts';

/** A request to IMDS, and for whom. */
export interface ManagedIdentityRequest extends ImdsTokenRequest {
  /** Of the AzureIdentity; empty when the node itself asks. */
  readonly identityUid: string;
  /** Whose token it must be, as far as the token tells; empty if that was not said. */
  readonly ownerResourceId: string;
  /** `namespace/name` of the AzureIdentity, for errors. */
  readonly identityName: string;
}

/** Ids compare without regard to case; the resource comes back as it was sent, so it counts exactly. */
export const managedIdentityKey = memoizedOf((request: ManagedIdentityRequest): string => {
  const { identityUid, resource, clientId, objectId, msiResId, ownerResourceId } = request;
  const ids = [clientId, objectId, msiResId, ownerResourceId].map((id) => id?.toLowerCase() ?? null);
  return JSON.stringify([identityUid, resource, ...ids]);
});

export function operationOf({ clientId, objectId, msiResId }: ImdsTokenRequest): TokenOperation {
  return (clientId ?? objectId ?? msiResId) === undefined ? 'adal_token_msi' : 'adal_token_msi_userassignedid';
}

/** Tokens of IMDS, none of which is of another identity than the one that was meant. */
export function imdsSource(client: ImdsClient): TokenSource<ManagedIdentityRequest> {
  return async (request, signal) => {
    const token = await client.token(request, signal);
    checkOwner(request, token);
    return token;
  };
}

const REMEMBERED_RESOURCES = 50;
const requestsOf = memoizedOf((identity: AzureIdentity) =>
  memoized((resource: string) => newIdentityRequest(identity, resource), REMEMBERED_RESOURCES),
);

/** As `newIdentityRequest`, made once for each resource; an identity that has changed is another object. */
export function identityRequest(identity: AzureIdentity, resource: string): ManagedIdentityRequest {
  return requestsOf(identity)(resource);
}

/**
 * What to ask IMDS for, for an identity of type 0. Its client id may be left out where nobody filled it in; without
 * any id IMDS would choose an identity itself, so that is never asked.
 */
function newIdentityRequest(identity: AzureIdentity, resource: string): ManagedIdentityRequest {
  const { clientID, resourceID } = identity.spec;
  const identityName = nameOf(identity);
  const request = { identityUid: identity.metadata.uid, identityName, ownerResourceId: resourceID, resource };
  if (clientID !== '') return { ...request, clientId: clientID };
  if (resourceID !== '') return { ...request, msiResId: resourceID };
  throw new NmiError('identityMisconfigured', `AzureIdentity ${identityName} has neither clientID nor resourceID`);
}

/**
 * IMDS answers for whatever client id it is asked by. Where the token says whose it is, it must be the identity that
 * was named by its resource id: in managed mode nobody else has compared the two.
 * @throws NmiError `identityMisconfigured`
 */
export function checkOwner(
  { ownerResourceId, identityName }: Pick<ManagedIdentityRequest, 'ownerResourceId' | 'identityName'>,
  { accessToken }: ImdsToken,
): void {
  if (ownerResourceId === '') return;
  const owner = claimsOf(accessToken).resourceId;
  if (owner === undefined || sameResourceId(owner, ownerResourceId)) return;
  throw new NmiError(
    'identityMisconfigured',
    `clientID of AzureIdentity ${identityName} is not that of its resourceID`,
  );
}

/** What to ask IMDS for on behalf of a pod that may have every identity of the node. */
export function nodeRequest(selector: Selector, resource: string): ManagedIdentityRequest {
  const request = { identityUid: '', identityName: '', ownerResourceId: '', resource };
  switch (selector.by) {
    case 'any':
      return request;
    case 'clientId':
      return { ...request, clientId: selector.id };
    case 'objectId':
      return { ...request, objectId: selector.id };
    case 'resourceId':
      return { ...request, msiResId: selector.id };
  }
}
