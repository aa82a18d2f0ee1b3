import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import { type Credential, type EntraClient, knownAuthority } from '@aad-pod-identity/entra';
import type { ImdsToken } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from '../errors.ts';
import { nameOf } from '../identity/grant.ts';
import { certificateCredential, credentialDigest, secretCredential, type SecretData } from './credential.ts';
import type { TokenSource } from './token-source.ts';

/** A request to Entra ID that is ready to be sent. */
export interface PrincipalTokenRequest {
  readonly identityUid: string;
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly resource: string;
  readonly credential: Credential;
}

export interface AuthorityRules {
  /** The base URL of the cloud that the node is in. */
  readonly defaultAuthority: string;
  /** Base URLs that secrets may be sent to besides those of the known clouds. */
  readonly allowedAuthorities: readonly string[];
}

export interface PrincipalOptions extends AuthorityRules {
  readonly readSecret: (namespace: string, name: string, signal: AbortSignal) => Promise<SecretData>;
  /** Whether an identity may only use Secrets of its own namespace. */
  readonly isNamespaced: (identity: AzureIdentity) => boolean;
  readonly source: TokenSource<PrincipalTokenRequest>;
}

/** Where the secret of `identity` may go. Decided before the Secret is read. */
export function authorityOf({ metadata, spec }: AzureIdentity, rules: AuthorityRules): string {
  if (spec.adEndpoint === '') return rules.defaultAuthority;
  if (knownAuthority(spec.adEndpoint, [rules.defaultAuthority, ...rules.allowedAuthorities])) {
    return new URL(spec.adEndpoint).origin;
  }
  throw new NmiError(
    'identityMisconfigured',
    `adEndpoint of AzureIdentity ${nameOf({ metadata })} is neither a known cloud nor on --allowed-ad-endpoints`,
  );
}

function secretOf(identity: AzureIdentity, { isNamespaced }: PrincipalOptions): { namespace: string; name: string } {
  const { name, namespace } = identity.spec.clientPassword;
  const refuse = (why: string) =>
    new NmiError('identityMisconfigured', `clientPassword of AzureIdentity ${nameOf(identity)} ${why}`);
  if (name === '' || namespace === '') throw refuse('must have a name and a namespace');
  if (isNamespaced(identity) && namespace !== identity.metadata.namespace) throw refuse('is in another namespace');
  return { name, namespace };
}

/** The tenants to get a token of, the primary one first. */
function tenantsOf({ spec }: AzureIdentity): string[] {
  return [spec.tenantID, ...(spec.type === 1 ? spec.auxiliaryTenantIDs : [])];
}

/** Tokens of a service principal, one for each of its tenants, the primary one first. */
export function principalTokens(options: PrincipalOptions) {
  return async (identity: AzureIdentity, resource: string, signal: AbortSignal): Promise<ImdsToken[]> => {
    const authority = authorityOf(identity, options);
    const { namespace, name } = secretOf(identity, options);
    const data = await options.readSecret(namespace, name, signal);
    const where = `${namespace}/${name}`;
    const credential = await (identity.spec.type === 1
      ? secretCredential(data, where)
      : certificateCredential(data, where));
    const clientId = identity.spec.clientID;
    const request = { identityUid: identity.metadata.uid, authority, clientId, resource, credential };
    return Promise.all(tenantsOf(identity).map((tenantId) => options.source({ ...request, tenantId }, signal)));
  };
}

/** A token in the form of the metadata service; Entra ID leaves out what that adds. */
export function entraSource(client: EntraClient, clock: Clock): TokenSource<PrincipalTokenRequest> {
  return async (request, signal) => {
    const token = await client.token(request, signal);
    const now = Math.floor(clock.now() / 1000);
    return {
      accessToken: token.accessToken,
      clientId: request.clientId,
      expiresOn: token.expiresOn,
      ...(token.extExpiresOn === undefined ? {} : { extExpiresIn: Math.max(0, token.extExpiresOn - now) }),
      notBefore: now,
      resource: request.resource,
      tokenType: 'Bearer',
    };
  };
}

/** A namesake with another Secret must never get what this one's Secret opened. */
export function principalKey({ credential, ...rest }: PrincipalTokenRequest): string {
  const { identityUid, authority, tenantId, clientId, resource } = rest;
  return JSON.stringify([identityUid, authority, tenantId, clientId, resource, credentialDigest(credential)]);
}
