import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRunCa, type CertificateAndKey } from '@aad-pod-identity/testing';
import forge from 'node-forge';
import { certificatePlan, type CertificatePlan } from '../plan/pki-plan.ts';

type Place = (file: string) => string;

/** Issues a certificate with a group, which the authority of `libs/testing` has no need of: the same one, signed anew. */
export function issue(
  ca: CertificateAndKey,
  { user, group, altNames }: Omit<CertificatePlan, 'file'>,
): CertificateAndKey {
  const leaf = createRunCa(ca).issue({ commonName: user, altNames });
  if (group === undefined) return leaf;
  const certificate = forge.pki.certificateFromPem(leaf.certPem);
  certificate.setSubject([
    { name: 'organizationName', value: group },
    { name: 'commonName', value: user },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(ca.keyPem), forge.md.sha256.create());
  return { certPem: forge.pki.certificateToPem(certificate), keyPem: leaf.keyPem };
}

function save(place: Place, name: string, { certPem, keyPem }: CertificateAndKey): void {
  writeFileSync(place(`${name}.key`), keyPem, { mode: 0o600 });
  writeFileSync(place(`${name}.crt`), certPem);
}

function saveServiceAccountKeys(place: Place): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(place('service-account.key'), privateKey, { mode: 0o600 });
  writeFileSync(place('service-account.pub'), publicKey);
}

/**
 * Makes all keys and certificates of a cluster; they hold for a week.
 * The aggregation layer has an authority of its own: whoever holds a certificate of it may act as anybody.
 */
export function createPki(place: Place, address: string): void {
  const [ca, frontProxyCa] = [createRunCa(), createRunCa()];
  save(place, 'ca', ca);
  save(place, 'front-proxy-ca', frontProxyCa);
  save(place, 'front-proxy-client', issue(frontProxyCa, { user: 'front-proxy-client', altNames: ['localhost'] }));
  for (const plan of certificatePlan(address)) save(place, plan.file, issue(ca, plan));
  saveServiceAccountKeys(place);
}

export function hasPki(place: Place): boolean {
  return existsSync(place('service-account.pub'));
}

/** What the administrator's client needs: authority, certificate, key. */
export interface ClientTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export function readTls(place: Place, name: string): ClientTls {
  const read = (file: string) => readFileSync(place(file), 'utf8');
  return { ca: read('ca.crt'), cert: read(`${name}.crt`), key: read(`${name}.key`) };
}
