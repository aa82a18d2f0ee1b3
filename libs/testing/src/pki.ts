import { constants, createHash, generateKeyPairSync, privateEncrypt, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '@aad-pod-identity/runtime';
import forge from 'node-forge';

export interface CertificateAndKey {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface LeafRequest {
  readonly commonName: string;
  /** DNS names and IP addresses, mixed. */
  readonly altNames: readonly string[];
  /** Until its end; less than 0 for one that has ended. */
  readonly days?: number;
}

/** A certificate authority that lives as long as one run of the tests or of the sandbox. */
export interface RunCa extends CertificateAndKey {
  /** A certificate for servers and clients, valid for the given names, with a new RSA key. */
  issue(request: LeafRequest): CertificateAndKey;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const CA_NAME = 'AAD Pod Identity run CA';

function newKeyPair(): { publicPem: string; privatePem: string } {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { publicPem: pair.publicKey, privatePem: pair.privateKey };
}

/** A positive serial number: the first bit of the first octet is its sign. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

function blank(commonName: string, publicPem: string, days = 7): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem);
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = new Date(systemClock.now() - DAY_MS);
  certificate.validity.notAfter = new Date(systemClock.now() + days * DAY_MS);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  return certificate;
}

function altName(name: string): object {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

function leafExtensions(altNames: readonly string[]): object[] {
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames: altNames.map(altName) },
  ];
}

/** What stands before a SHA-256 digest in a PKCS#1 signature: its algorithm, in DER. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Forge's form of a key that signs with Node: forge's own arithmetic takes a second inside Jest. */
function signingKey(keyPem: string): forge.pki.rsa.PrivateKey {
  const key = forge.pki.privateKeyFromPem(keyPem);
  key.sign = (digest: forge.md.MessageDigest) => {
    const content = Buffer.concat([SHA256_DIGEST_INFO, Buffer.from(digest.digest().toHex(), 'hex')]);
    return privateEncrypt({ key: keyPem, padding: constants.RSA_PKCS1_PADDING }, content).toString('latin1');
  };
  return key;
}

function sign(certificate: forge.pki.Certificate, issuerName: string, issuerKeyPem: string): string {
  certificate.setIssuer([{ name: 'commonName', value: issuerName }]);
  certificate.sign(signingKey(issuerKeyPem), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function selfSigned(): CertificateAndKey {
  const { publicPem, privatePem } = newKeyPair();
  const commonName = `${CA_NAME} ${createHash('sha256').update(publicPem).digest('hex').slice(0, 8)}`;
  const certificate = blank(commonName, publicPem);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  return { certPem: sign(certificate, commonName, privatePem), keyPem: privatePem };
}

function commonNameOf(certPem: string): string {
  const field = forge.pki.certificateFromPem(certPem).subject.getField('CN') as { readonly value: string };
  return field.value;
}

/** Makes a new authority, or goes on with `existing`, so that several processes of one run share it. */
export function createRunCa(existing?: CertificateAndKey): RunCa {
  const ca = existing ?? selfSigned();
  const issuerName = commonNameOf(ca.certPem);
  return {
    certPem: ca.certPem,
    keyPem: ca.keyPem,
    issue({ commonName, altNames, days }) {
      const { publicPem, privatePem } = newKeyPair();
      const certificate = blank(commonName, publicPem, days);
      certificate.setExtensions(leafExtensions(altNames));
      return { certPem: sign(certificate, issuerName, ca.keyPem), keyPem: privatePem };
    },
  };
}

/** Makes this process trust the authority in every TLS connection from now on, as `NODE_EXTRA_CA_CERTS` would. */
export function trustRunCa(ca: { readonly certPem: string }): void {
  setDefaultCACertificates([...getCACertificates('default'), ca.certPem]);
}
