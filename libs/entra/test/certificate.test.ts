import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunCa } from '@aad-pod-identity/testing';
import { type CertificatePair, EntraError, readCertificate } from '../src/index.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));

function expectPair({ certificatePem, privateKeyPem }: CertificatePair, keyType: string): void {
  const key = createPrivateKey(privateKeyPem);
  expect(key.asymmetricKeyType).toBe(keyType);
  expect(new X509Certificate(certificatePem).checkPrivateKey(key)).toBe(true);
}

describe('a certificate is read from', () => {
  it.each([
    ['PKCS#12 with RC2 and 3DES', 'rsa-rc2-3des.p12', 'password', 'rsa', 2],
    ['PKCS#12 with RC2 and 3DES without a password', 'rsa-rc2-3des-no-password.p12', '', 'rsa', 1],
    ['PKCS#12 with AES', 'rsa-aes.p12', 'password', 'rsa', 2],
    ['PKCS#12 with AES without a password', 'rsa-aes-no-password.p12', '', 'rsa', 1],
    ['PKCS#12 without any encryption', 'rsa-plain.p12', '', 'rsa', 1],
    ['PKCS#12 with an elliptic-curve key', 'ec-aes.p12', 'password', 'ec', 1],
    ['PEM with an encrypted key', 'rsa-encrypted.pem', 'password', 'rsa', 1],
  ])('%s', async (_, name, password, keyType, certificates) => {
    const pair = await readCertificate(fixture(name), password);
    expectPair(pair, keyType);
    expect(pair.certificatePem.match(/BEGIN CERTIFICATE/g)).toHaveLength(certificates);
  });

  const ca = createRunCa();
  const leaf = ca.issue({ commonName: 'app', altNames: [] });
  it.each([
    ['the key first', leaf.keyPem + leaf.certPem],
    ['the certificate first', leaf.certPem + leaf.keyPem],
    ['its issuer first', ca.certPem + leaf.certPem + leaf.keyPem],
    ['attributes in between', `Bag Attributes\n  friendlyName: x\n${leaf.keyPem}\nsubject=x\n${leaf.certPem}`],
    ['Windows line ends', (leaf.certPem + leaf.keyPem).replaceAll('\n', '\r\n')],
  ])('PEM with %s', async (_, pem) => {
    const pair = await readCertificate(Buffer.from(pem), '');
    expectPair(pair, 'rsa');
    expect(new X509Certificate(pair.certificatePem).subject).toBe('CN=app');
  });
});

describe('no certificate is read from', () => {
  const other = createRunCa();
  it.each([
    ['a wrong password', fixture('rsa-aes.p12'), 'wrong-password'],
    ['no password where one is needed', fixture('rsa-aes.p12'), ''],
    ['a wrong password of old algorithms', fixture('rsa-rc2-3des.p12'), 'wrong-password'],
    ['a wrong password of PEM', fixture('rsa-encrypted.pem'), 'wrong-password'],
    ['PKCS#12 without a key', fixture('no-key.p12'), 'password'],
    ['PEM without a key', Buffer.from(other.certPem), ''],
    ['PEM without a certificate', Buffer.from(other.keyPem), ''],
    [
      'the key of another certificate',
      Buffer.from(other.certPem + other.issue({ commonName: 'x', altNames: [] }).keyPem),
      '',
    ],
    ['nothing', Buffer.alloc(0), ''],
    ['noise', Buffer.from('not a certificate, but secret-content'), ''],
  ])('%s', async (_, bytes, password) => {
    const error: unknown = await readCertificate(bytes, password).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EntraError);
    expect(error).toMatchObject({ code: 'badCredential' });
    expect(String((error as Error).stack)).not.toMatch(/wrong-password|secret-content/);
    expect((error as Error).cause).toBeUndefined();
  });
});
