import { redactId, redactSecrets } from './redact.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';

describe('redactId', () => {
  it.each<[id: string, shown: string]>([
    ['e0740000-0000-0000-0000-000000000f68', 'e074##### REDACTED #####0f68'],
    ['123456789', '1234##### REDACTED #####6789'],
    ['12345678', '##### REDACTED #####'],
    ['', '##### REDACTED #####'],
  ])('shows %p as %p', (id, shown) => {
    expect(redactId(id)).toBe(shown);
  });
});

describe('redactSecrets', () => {
  it.each<[sentence: string, text: string, expected: string]>([
    ['leaves clean text alone', 'pod default/demo has no identity', 'pod default/demo has no identity'],
    ['hides a JWT', `got ${JWT}.`, 'got ##### REDACTED #####.'],
    ['hides a bearer header', 'Authorization: Bearer abcdefgh12', 'Authorization: Bearer ##### REDACTED #####'],
    ['hides a form field', 'a=1&client_secret=s3~x&b=2', 'a=1&client_secret=##### REDACTED #####&b=2'],
    ['hides an assertion', 'client_assertion=abc.def', 'client_assertion=##### REDACTED #####'],
    ['hides a JSON field', '{"access_token":"opaque","n":1}', '{"access_token":"##### REDACTED #####","n":1}'],
    [
      'hides quoted JSON',
      String.raw`{\"access_token\": \"opaque\"}`,
      String.raw`{\"access_token\": \"##### REDACTED #####\"}`,
    ],
    [
      'hides a private key',
      '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----##### REDACTED #####-----END PRIVATE KEY-----',
    ],
    [
      'hides a private key that was cut off',
      '-----BEGIN RSA PRIVATE KEY-----\nMII',
      '-----BEGIN RSA PRIVATE KEY-----##### REDACTED #####',
    ],
    ['hides each of several', `${JWT} ${JWT}`, '##### REDACTED ##### ##### REDACTED #####'],
  ])('%s', (_, text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  it('is fast on long hostile text', () => {
    expect(redactSecrets(`${'"password": '.repeat(10_000)}${'eyJ'.repeat(30_000)}`)).toContain('password');
  });
});
