import { X509Certificate } from 'node:crypto';
import type { Configuration } from '@azure/msal-node';
import type { CertificatePair, Credential, EntraTokenRequest } from './types.ts';
import type { Transport } from './transport.ts';

type Auth = Configuration['auth'];

/** A credential with everything in it that had to be waited for. */
export type ReadyCredential =
  Exclude<Credential, { readonly kind: 'assertion' }> | { readonly kind: 'assertion'; readonly jwt: string };

function certificateAuth({ certificatePem, privateKeyPem }: CertificatePair): Partial<Auth> {
  const thumbprintSha256 = new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '');
  return { clientCertificate: { thumbprintSha256, privateKey: privateKeyPem, x5c: certificatePem } };
}

function credentialAuth(credential: ReadyCredential): Partial<Auth> {
  switch (credential.kind) {
    case 'secret':
      return { clientSecret: credential.secret };
    case 'certificate':
      return certificateAuth(credential);
    case 'assertion':
      return { clientAssertion: credential.jwt };
  }
}

function tenantUrlOf({ authority, tenantId }: Pick<EntraTokenRequest, 'authority' | 'tenantId'>): string {
  return `${new URL(authority).origin}/${tenantId}`;
}

/** Where tokens of a tenant are asked for, and the audience of assertions. */
export function tokenEndpoint(request: Pick<EntraTokenRequest, 'authority' | 'tenantId'>): string {
  return `${tenantUrlOf(request)}/oauth2/v2.0/token`;
}

/** What MSAL would otherwise ask the network for before every first request. */
function authorityMetadata(tenantUrl: string): string {
  return JSON.stringify({
    issuer: `${tenantUrl}/v2.0`,
    token_endpoint: `${tenantUrl}/oauth2/v2.0/token`,
    authorization_endpoint: `${tenantUrl}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${tenantUrl}/oauth2/v2.0/logout`,
    jwks_uri: `${tenantUrl}/discovery/v2.0/keys`,
  });
}

/** MSAL's configuration for one request. An application lives no longer than that, so it remembers nothing. */
export function applicationConfiguration(
  request: EntraTokenRequest,
  credential: ReadyCredential,
  transport: Transport,
): Configuration {
  const { host } = new URL(request.authority);
  const tenantUrl = tenantUrlOf(request);
  return {
    auth: {
      clientId: request.clientId,
      authority: tenantUrl,
      knownAuthorities: [host],
      authorityMetadata: authorityMetadata(tenantUrl),
      ...credentialAuth(credential),
    },
    system: { networkClient: transport },
  };
}
