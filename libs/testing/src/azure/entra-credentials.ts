import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import type { Clock } from '@aad-pod-identity/runtime';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { AadstsCode } from './entra-errors.ts';
import { sameKey } from './ids.ts';
import type { App, FederatedCredential } from './state.ts';

/** How far the clocks of Entra ID and of a client may be apart; clients round up, too. */
const CLOCK_TOLERANCE_SECONDS = 300;

export interface AssertionContext {
  readonly clock: Clock;
  /** What the `aud` of a certificate assertion must be. */
  readonly tokenEndpoint: string;
}

function thumbprints(certificatePem: string): { sha256: string; sha1: string } {
  const der = new X509Certificate(certificatePem).raw;
  const digest = (algorithm: string): string => createHash(algorithm).update(der).digest('base64url');
  return { sha256: digest('sha256'), sha1: digest('sha1') };
}

function secretFailure(app: App, secret: string): AadstsCode | undefined {
  if (app.secret === undefined || app.secret !== secret) return 7000215;
  return app.secretExpired ? 7000222 : undefined;
}

function signedByCertificate(app: App, assertion: string): boolean {
  if (app.certificatePem === undefined) return false;
  const header = decodeProtectedHeader(assertion);
  const { sha256, sha1 } = thumbprints(app.certificatePem);
  return header['x5t#S256'] === sha256 || header.x5t === sha1;
}

/** From jose's error to Entra's number. */
function verificationFailure(error: unknown): AadstsCode {
  if (error instanceof errors.JWTExpired) return 700024;
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'aud' ? 700023 : 700024;
  return 700027;
}

async function certificateFailure(app: App, assertion: string, context: AssertionContext) {
  const { publicKey } = new X509Certificate(app.certificatePem ?? '');
  try {
    await jwtVerify(assertion, publicKey, {
      algorithms: ['PS256', 'RS256', 'ES256', 'ES384', 'ES512'],
      audience: context.tokenEndpoint,
      issuer: app.clientId,
      subject: app.clientId,
      currentDate: new Date(context.clock.now()),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return undefined;
  } catch (error) {
    return verificationFailure(error);
  }
}

function federates(credential: FederatedCredential, { iss, sub, aud }: JWTPayload): boolean {
  const audience = credential.audience ?? 'api://AzureADTokenExchange';
  return credential.issuer === iss && credential.subject === sub && [aud].flat().includes(audience);
}

async function federationFailure(app: App, assertion: string, clock: Clock): Promise<AadstsCode | undefined> {
  const claims = decodeJwt(assertion);
  const credential = app.federatedCredentials.find((candidate) => federates(candidate, claims));
  if (credential === undefined) return 70021;
  if ((claims.exp ?? 0) * 1000 <= clock.now()) return 700024;
  if (credential.publicKeyPem === undefined) return undefined;
  const key = createPublicKey(credential.publicKeyPem);
  const verified = jwtVerify(assertion, key, {
    currentDate: new Date(clock.now()),
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  return verified.then(
    () => undefined,
    () => 700027,
  );
}

function assertionFailure(app: App, assertion: string, context: AssertionContext) {
  try {
    return signedByCertificate(app, assertion)
      ? certificateFailure(app, assertion, context)
      : isSelfIssued(app, assertion)
        ? 700027
        : federationFailure(app, assertion, context.clock);
  } catch {
    return 700027;
  }
}

/** An assertion of the app's own is one of a certificate, known or not. */
function isSelfIssued(app: App, assertion: string): boolean {
  return sameKey(decodeJwt(assertion).iss ?? '') === sameKey(app.clientId);
}

/** Why the form's credential does not prove that it comes from `app`; undefined if it does. */
export function credentialFailure(
  app: App,
  form: URLSearchParams,
  context: AssertionContext,
): AadstsCode | undefined | Promise<AadstsCode | undefined> {
  const [secret, assertion] = [form.get('client_secret'), form.get('client_assertion')];
  if (secret !== null) return secretFailure(app, secret);
  return assertion === null ? 7000216 : assertionFailure(app, assertion, context);
}
