import type { Credential } from '@aad-pod-identity/entra';
import { createRunCa } from '@aad-pod-identity/testing';
import { X509Certificate } from 'node:crypto';
import { expiryOf } from './credential-expiry.ts';

const SECRET: Credential = { kind: 'secret', secret: 's' };
const { certPem, keyPem } = createRunCa().issue({ commonName: 'app', altNames: [] });
const CERTIFICATE: Credential = { kind: 'certificate', certificatePem: certPem, privateKeyPem: keyPem };
const OWN = new X509Certificate(certPem).validToDate.getTime();

describe('the end of a credential', () => {
  it.each<[sentence: string, credential: Credential, annotation: string, end: number | undefined]>([
    ['of a secret is not known', SECRET, '', undefined],
    ['of a secret is what its Secret says', SECRET, '2030-01-02T03:04:05Z', Date.UTC(2030, 0, 2, 3, 4, 5)],
    ['of a secret may be a day', SECRET, '2030-01-02', Date.UTC(2030, 0, 2)],
    ['of a secret is not guessed', SECRET, 'next year', undefined],
    ['of a secret is not guessed of a number', SECRET, '1', undefined],
    ['of a secret is no day that does not exist', SECRET, '2030-13-45', undefined],
    ['of a certificate is its own', CERTIFICATE, '', OWN],
    ['of a certificate is what its Secret says, if that is sooner', CERTIFICATE, '2020-01-01', Date.UTC(2020, 0, 1)],
    ['of a certificate is its own, if that is sooner', CERTIFICATE, '2200-01-01', OWN],
  ])('%s', (_sentence, credential, annotation, end) => {
    expect(expiryOf(credential, annotation)).toBe(end);
  });
});
