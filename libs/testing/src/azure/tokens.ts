import { generateKeyPairSync } from 'node:crypto';
import type { Clock } from '@aad-pod-identity/runtime';
import { exportJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { newGuid } from './ids.ts';

export interface TokenSubject {
  readonly clientId: string;
  readonly principalId: string;
  readonly tenantId: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** Resource id of a managed identity. */
  readonly resourceId?: string;
}

/** Claims of the simulator's access tokens; times in seconds since the Unix epoch. */
export interface TokenClaims extends JWTPayload {
  readonly appid: string;
  readonly oid: string;
  readonly tid: string;
  readonly aud: string;
  readonly iss: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly claims: TokenClaims;
}

export interface TokenIssuer {
  issue(subject: TokenSubject): Promise<IssuedToken>;
  /** @throws if the token was not issued here or is not valid now */
  verify(token: string): Promise<TokenClaims>;
  /** The JWK set with the public key. */
  keys(): Promise<{ keys: object[] }>;
}

const KEY_ID = 'azure-simulator';
/** Real tokens are valid from five minutes before they were issued, for machines whose clocks are late. */
const CLOCK_SKEW_SECONDS = 300;

function claimsOf(subject: TokenSubject, issuer: string, nowSeconds: number): TokenClaims {
  return {
    aud: subject.audience,
    iss: `${issuer}/${subject.tenantId}/`,
    iat: nowSeconds,
    nbf: nowSeconds - CLOCK_SKEW_SECONDS,
    exp: nowSeconds + subject.lifetimeSeconds,
    appid: subject.clientId,
    idtyp: 'app',
    oid: subject.principalId,
    sub: subject.principalId,
    tid: subject.tenantId,
    uti: newGuid(),
    ver: '1.0',
    ...(subject.resourceId === undefined ? {} : { xms_mirid: subject.resourceId }),
  };
}

/** Signs and checks access tokens with a key of its own. `issuerUrl` is asked for when a token is issued. */
export function createTokenIssuer(clock: Clock, issuerUrl: () => string): TokenIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    async issue(subject) {
      const claims = claimsOf(subject, issuerUrl(), Math.floor(clock.now() / 1000));
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })
        .sign(privateKey);
      return { token, claims };
    },
    async verify(token) {
      const options = { algorithms: ['RS256'], currentDate: new Date(clock.now()) };
      return (await jwtVerify<TokenClaims>(token, publicKey, options)).payload;
    },
    keys: async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, use: 'sig', alg: 'RS256' }] }),
  };
}
