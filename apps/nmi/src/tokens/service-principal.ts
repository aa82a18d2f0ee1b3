import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import { type EntraClient, EntraError, knownAuthority } from '@aad-pod-identity/entra';
import type { ImdsToken } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import { asNmiError, NmiError } from '../errors.ts';
import { nameOf } from '../identity/grant.ts';
import { certificateCredential, credentialDigest, type KnownCredential, secretCredential } from './credential.ts';
import { expiryOf } from './credential-expiry.ts';
import type { SecretContent } from './read-secret.ts';
import type { CredentialCache, CredentialRequest, CredentialSource } from './secret-cache.ts';
import type { TokenSource } from './token-source.ts';

/** A request to Entra ID that is ready to be sent. */
export interface PrincipalTokenRequest extends KnownCredential {
  readonly identityUid: string;
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly resource: string;
}

export interface AuthorityRules {
  /** The base URL of the cloud that the node is in. */
  readonly defaultAuthority: string;
  /** Base URLs that secrets may be sent to besides those of the known clouds. */
  readonly allowedAuthorities: readonly string[];
}

export interface PrincipalOptions extends AuthorityRules {
  readonly credentials: Pick<CredentialCache, 'get' | 'reread'>;
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

function secretOf(identity: AzureIdentity, { isNamespaced }: PrincipalOptions): CredentialRequest {
  const { name, namespace } = identity.spec.clientPassword;
  const refuse = (why: string) =>
    new NmiError('identityMisconfigured', `clientPassword of AzureIdentity ${nameOf(identity)} ${why}`);
  if (name === '' || namespace === '') throw refuse('must have a name and a namespace');
  if (isNamespaced(identity) && namespace !== identity.metadata.namespace) throw refuse('is in another namespace');
  const { uid: identityUid, namespace: of, name: identityName } = identity.metadata;
  const type = identity.spec.type === 1 ? 1 : 2;
  return { identityUid, identity: { namespace: of, name: identityName }, type, namespace, name };
}

/** The tenants to get a token of, the primary one first. */
function tenantsOf({ spec }: AzureIdentity): string[] {
  return [spec.tenantID, ...(spec.type === 1 ? spec.auxiliaryTenantIDs : [])];
}

/** Credentials straight from Secrets. */
export function secretSource(
  readSecret: (namespace: string, name: string, signal: AbortSignal) => Promise<SecretContent>,
  clock: Clock,
): CredentialSource {
  return async ({ type, namespace, name }, signal) => {
    const { data, expires } = await readSecret(namespace, name, signal);
    const where = `${namespace}/${name}`;
    const now = clock.now();
    const credential = await (type === 1 ? secretCredential(data, where) : certificateCredential(data, where, now));
    return { credential, digest: credentialDigest(credential), endsAt: expiryOf(credential, expires) };
  };
}

/** Whether a newer credential could help: the one that was sent may have been exchanged a moment ago. */
function isCredentialRefused(error: unknown): boolean {
  const cause = error instanceof NmiError ? error.cause : error;
  return cause instanceof EntraError && cause.code === 'badCredential';
}

/** A refusal that also says where the credential comes from: only there it can be mended. */
function withSecret(error: unknown, { namespace, name }: CredentialRequest): NmiError {
  const { code, message, cause } = asNmiError(error);
  return new NmiError(code, `Secret ${namespace}/${name}: ${message}`, { cause });
}

/** Tokens of a service principal, one for each of its tenants, the primary one first. */
export function principalTokens(options: PrincipalOptions) {
  const { credentials, source } = options;
  return async (identity: AzureIdentity, resource: string, signal: AbortSignal): Promise<ImdsToken[]> => {
    const authority = authorityOf(identity, options);
    const secret = secretOf(identity, options);
    const base = { identityUid: identity.metadata.uid, authority, clientId: identity.spec.clientID, resource };
    const tokensWith = (known: KnownCredential) =>
      Promise.all(tenantsOf(identity).map((tenantId) => source({ ...base, ...known, tenantId }, signal)));
    const known = await credentials.get(secret, signal);
    try {
      return await tokensWith(known);
    } catch (error) {
      if (!isCredentialRefused(error)) throw error;
      const now = await credentials.reread(secret, signal);
      if (now.digest === known.digest) throw withSecret(error, secret);
      return tokensWith(now);
    }
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
export function principalKey(request: PrincipalTokenRequest): string {
  const { identityUid, authority, tenantId, clientId, resource, digest } = request;
  return JSON.stringify([identityUid, authority, tenantId, clientId, resource, digest]);
}

/** Whom a request goes to: Entra ID answers, throttles and fails by tenant. */
export function principalTarget({ authority, tenantId }: PrincipalTokenRequest): string {
  return `${authority}/${tenantId.toLowerCase()}`;
}
