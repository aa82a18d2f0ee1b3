import { certificateOf } from '../../test/principals.ts';
import { certificateCredential, credentialDigest, secretCredential } from './credential.ts';

const encode = (values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'latin1').toString('base64')]),
  );
const { pem } = certificateOf('app');

describe('the certificate of a Secret', () => {
  it.each<[sentence: string, values: Record<string, string>, year: number, refusal: RegExp]>([
    ['has expired', { certificate: pem }, 2_100, /^Secret n\/s holds a certificate that expired on 20\d\d-\d\d-\d\d$/],
    ['is not valid yet', { certificate: pem }, 2_000, /^Secret n\/s holds a certificate that is valid only from 20/],
    ['is binary junk', { certificate: '\x00\xff\x17\x80' }, 2_026, /^Secret n\/s: the certificate cannot be read/],
    ['is empty', { certificate: '' }, 2_026, /^Secret n\/s: /],
    ['has no key', { certificate: pem.replace(/-----BEGIN [A-Z ]*PRIVATE[^]*/, '') }, 2_026, /are not both there$/],
    ['is not there', { password: 'x' }, 2_026, /^Secret n\/s has no key certificate$/],
  ])('that %s is refused with one clear line', async (_, values, year, refusal) => {
    await expect(certificateCredential(encode(values), 'n/s', Date.UTC(year, 0))).rejects.toThrow(refusal);
  });
});

describe('the password of a Secret', () => {
  it.each<[sentence: string, values: Record<string, string>, refusal: string]>([
    ['no key', {}, 'Secret n/s holds no value'],
    [
      'several keys, none of them known',
      { a: '1', b: '2' },
      'Secret n/s has 2 keys, none of them clientSecret or password',
    ],
    ['an empty value', { x: '' }, 'Secret n/s has an empty value under x'],
    ['nothing but a line end', { x: '\r\n' }, 'Secret n/s has an empty value under x'],
  ])('with %s is refused with one clear line', (_, values, refusal) => {
    expect(() => secretCredential(encode(values), 'n/s')).toThrow(refusal);
  });

  it('is told from another by its digest, which holds nothing of it', () => {
    const digests = ['one', 'two', 'one'].map((secret) => credentialDigest({ kind: 'secret', secret }));
    expect([digests[0] === digests[2], digests[0] === digests[1], digests.join('').includes('one')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
