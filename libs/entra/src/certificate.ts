import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { EntraError } from './errors.ts';
import { readPkcs12 } from './pkcs12.ts';
import type { CertificatePair } from './types.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PEM_KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----/;

/** Certificates and the key they come with, in no order. */
export interface Bundle {
  readonly certificates: readonly X509Certificate[];
  readonly key: KeyObject;
}

function readPem(text: string, password: string): Bundle | undefined {
  const [key] = PEM_KEY.exec(text) ?? [];
  const certificates = (text.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  if (key === undefined) return undefined;
  return { certificates, key: createPrivateKey({ key, passphrase: password }) };
}

/** The leaf is the one that belongs to the key; its issuers follow. */
function toPair({ certificates, key }: Bundle): CertificatePair | undefined {
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) return undefined;
  const issuers = certificates.filter((certificate) => certificate !== leaf);
  return {
    certificatePem: [leaf, ...issuers].map((certificate) => certificate.toString()).join(''),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

async function readBundle(bytes: Uint8Array, password: string): Promise<Bundle | undefined> {
  const text = Buffer.from(bytes).toString('latin1');
  return text.includes('-----BEGIN ') ? readPem(text, password) : await readPkcs12(bytes, password);
}

/**
 * Reads a certificate with its private key: PKCS#12, with old or new algorithms, or PEM, whose key may be encrypted.
 * @param password empty if there is none
 * @throws EntraError `badCredential`
 */
export async function readCertificate(bytes: Uint8Array, password: string): Promise<CertificatePair> {
  const bundle = await readBundle(bytes, password).catch((error: unknown) => {
    // The cause stays out: parsers quote what they could not read.
    const kind = error instanceof Error ? error.name : 'Error';
    throw new EntraError(
      'badCredential',
      `the certificate cannot be read (${kind}): wrong password, or neither PKCS#12 nor PEM`,
    );
  });
  const pair = bundle && toPair(bundle);
  if (pair === undefined)
    throw new EntraError('badCredential', 'the certificate and its private key are not both there');
  return pair;
}
