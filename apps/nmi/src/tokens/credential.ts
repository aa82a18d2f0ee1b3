import { createHash, X509Certificate } from 'node:crypto';
import { type Credential, readCertificate } from '@aad-pod-identity/entra';
import { NmiError } from '../errors.ts';

/** A credential, and what tells it from others. */
export interface KnownCredential {
  readonly credential: Credential;
  readonly digest: string;
  /** When it ends (milliseconds since the epoch), where that is known. */
  readonly endsAt?: number | undefined;
}

/** A Secret's `data`: key -> base64. */
export type SecretData = Readonly<Record<string, string>>;

/** Which key holds the password where a Secret has several: the first of these that is there. */
const PASSWORD_KEYS: readonly string[] = ['clientSecret', 'password'];

const misconfigured = (where: string, what: string): NmiError =>
  new NmiError('identityMisconfigured', `Secret ${where} ${what}`);

/** A line end behind a secret comes from the file it was made from; no secret has one of its own. */
function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function decode(value: string): Buffer {
  return Buffer.from(value, 'base64');
}

/** The password of a service principal: the only value, whatever its key, or the one under a known key. */
export function secretCredential(data: SecretData, where: string): Credential {
  const keys = Object.keys(data);
  const key = keys.length === 1 ? keys[0] : PASSWORD_KEYS.find((known) => Object.hasOwn(data, known));
  if (keys.length === 0) throw misconfigured(where, 'holds no value');
  if (key === undefined)
    throw misconfigured(where, `has ${keys.length} keys, none of them ${PASSWORD_KEYS.join(' or ')}`);
  const secret = withoutLineEnd(decode(data[key] ?? '').toString('utf8'));
  if (secret === '') throw misconfigured(where, `has an empty value under ${key}`);
  return { kind: 'secret', secret };
}

function valueUnder(data: SecretData, wanted: string): string | undefined {
  const key = Object.keys(data).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : data[key];
}

/** @throws NmiError for a certificate that nobody accepts at `nowMs` */
function checkValidity(certificatePem: string, nowMs: number, where: string): void {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  if (validToDate.getTime() <= nowMs)
    throw misconfigured(where, `holds a certificate that expired on ${day(validToDate)}`);
  if (validFromDate.getTime() > nowMs)
    throw misconfigured(where, `holds a certificate that is valid only from ${day(validFromDate)} on`);
}

/** The certificate of a service principal, PKCS#12 or PEM, with the password that may protect it. */
export async function certificateCredential(data: SecretData, where: string, nowMs: number): Promise<Credential> {
  const certificate = valueUnder(data, 'certificate');
  if (certificate === undefined) throw misconfigured(where, 'has no key certificate');
  const password = withoutLineEnd(decode(valueUnder(data, 'password') ?? '').toString('utf8'));
  const pair = await readCertificate(decode(certificate), password).catch((error: unknown) => {
    throw new NmiError('identityMisconfigured', `Secret ${where}: ${(error as Error).message}`, { cause: error });
  });
  checkValidity(pair.certificatePem, nowMs, where);
  return { kind: 'certificate', ...pair };
}

/** Tells credentials apart without holding them: two with the same digest are the same. */
export function credentialDigest(credential: Credential): string {
  const material = {
    secret: () => (credential.kind === 'secret' ? credential.secret : ''),
    certificate: () => (credential.kind === 'certificate' ? credential.certificatePem + credential.privateKeyPem : ''),
    assertion: () => '',
  }[credential.kind]();
  return createHash('sha256').update(`${credential.kind}\n${material}`).digest('base64url');
}
