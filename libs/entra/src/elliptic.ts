import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { CertificatePair } from './types.ts';

/** MSAL signs with RSA only, so an assertion of an elliptic-curve certificate is made here (RFC 7518, section 3.4). */
const ALGORITHMS: Readonly<Record<string, { readonly alg: string; readonly hash: string }>> = {
  prime256v1: { alg: 'ES256', hash: 'sha256' },
  secp384r1: { alg: 'ES384', hash: 'sha384' },
  secp521r1: { alg: 'ES512', hash: 'sha512' },
};

/** As long as MSAL's own. */
const LIFETIME_SECONDS = 600;

const PEM_BODY = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

function curveOf(privateKeyPem: string): string {
  return createPrivateKey(privateKeyPem).asymmetricKeyDetails?.namedCurve ?? '';
}

/** Whether a key is of a curve that assertions can be signed with. @throws when it cannot be read */
export function isElliptic(privateKeyPem: string): boolean {
  return Object.hasOwn(ALGORITHMS, curveOf(privateKeyPem));
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface AssertionClaims {
  readonly clientId: string;
  readonly tokenEndpoint: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** The JWT that proves possession of the certificate's key. */
export function ellipticAssertion(pair: CertificatePair, { clientId, tokenEndpoint, now }: AssertionClaims): string {
  const { alg, hash } = ALGORITHMS[curveOf(pair.privateKeyPem)] ?? { alg: 'ES256', hash: 'sha256' };
  const x5c = [...pair.certificatePem.matchAll(PEM_BODY)].map(([, body = '']) => body.replace(/\s/g, ''));
  const thumbprint = createHash('sha256').update(new X509Certificate(pair.certificatePem).raw).digest('base64url');
  const header = { alg, typ: 'JWT', 'x5t#S256': thumbprint, x5c };
  const times = { nbf: now, iat: now, exp: now + LIFETIME_SECONDS };
  const claims = { aud: tokenEndpoint, iss: clientId, sub: clientId, jti: randomUUID(), ...times };
  const content = `${encode(header)}.${encode(claims)}`;
  const key = { key: pair.privateKeyPem, dsaEncoding: 'ieee-p1363' } as const;
  return `${content}.${sign(hash, Buffer.from(content), key).toString('base64url')}`;
}
