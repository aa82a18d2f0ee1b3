import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import type { ImdsToken } from '@aad-pod-identity/imds';
import { NmiError } from '../errors.ts';
import { nameOf } from '../identity/grant.ts';
import type { Selector } from '../token-request.ts';
import { identityRequest, type ManagedIdentityRequest, nodeRequest } from './managed-identity.ts';
import type { TokenSource } from './token-source.ts';

/** Never empty; more than one only for a service principal with auxiliary tenants, the primary one first. */
export type Tokens = readonly [ImdsToken, ...ImdsToken[]];

export interface TokenService {
  /** Tokens of an identity that the caller was found to be granted. */
  forIdentity(identity: AzureIdentity, resource: string, signal: AbortSignal): Promise<Tokens>;
  /** A token of any identity of the node, for excepted pods. */
  forNode(selector: Selector, resource: string, signal: AbortSignal): Promise<ImdsToken>;
}

export interface TokenServiceOptions {
  readonly managedIdentity: TokenSource<ManagedIdentityRequest>;
  readonly servicePrincipal: (identity: AzureIdentity, resource: string, signal: AbortSignal) => Promise<ImdsToken[]>;
}

export function createTokenService({ managedIdentity, servicePrincipal }: TokenServiceOptions): TokenService {
  const tokensOf = async (identity: AzureIdentity, resource: string, signal: AbortSignal): Promise<ImdsToken[]> => {
    if (identity.spec.type !== 0) return servicePrincipal(identity, resource, signal);
    return [await managedIdentity(identityRequest(identity, resource), signal)];
  };
  return {
    forIdentity: async (identity, resource, signal) => {
      const [first, ...others] = await tokensOf(identity, resource, signal);
      if (first === undefined)
        throw new NmiError('identityMisconfigured', `AzureIdentity ${nameOf(identity)} has no tenant`);
      return [first, ...others];
    },
    forNode: (selector, resource, signal) => managedIdentity(nodeRequest(selector, resource), signal),
  };
}
