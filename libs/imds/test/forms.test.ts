import { renderErrorBody, renderTokenBody } from '../src/index.ts';
import { parseTokenBody, tokenRequestPath } from '../src/forms.ts';

const token = {
  accessToken: 'abc',
  clientId: 'e0740000-0000-0000-0000-000000000f68',
  expiresOn: 1_700_003_600,
  extExpiresIn: 7200,
  notBefore: 1_699_999_700,
  resource: 'https://storage.azure.com/',
  tokenType: 'Bearer',
};
const NOW = 1_700_000_000_500;

describe('the body of a token answer', () => {
  it('is this text, byte for byte', () => {
    expect(renderTokenBody(token, NOW)).toBe(
      '{"access_token":"abc","client_id":"e0740000-0000-0000-0000-000000000f68","expires_in":"3600",' +
        '"expires_on":"1700003600","ext_expires_in":"7200","not_before":"1699999700","refresh_token":"",' +
        '"resource":"https://storage.azure.com/","token_type":"Bearer"}',
    );
  });

  it('has no empty value but the refresh token, even without an extended lifetime', () => {
    const { extExpiresIn: _, ...plain } = token;
    const body = JSON.parse(renderTokenBody(plain, NOW)) as Record<string, unknown>;
    expect(body).toMatchObject({ ext_expires_in: '3600' });
    expect(Object.entries(body).filter(([, value]) => value === '')).toEqual([['refresh_token', '']]);
    expect(Object.values(body).every((value) => typeof value === 'string')).toBe(true);
  });

  it('never says that a token expires in the past', () => {
    expect(renderTokenBody({ ...token, expiresOn: 1 }, NOW)).toContain('"expires_in":"0"');
  });

  it.each([
    ['the real form', renderTokenBody(token, NOW), token],
    ['numbers for texts', '{"access_token":"abc","expires_on":1700003600}', { expiresOn: 1_700_003_600 }],
    ['no expires_on', '{"access_token":"abc","expires_in":"60"}', { expiresOn: 1_700_000_060 }],
    ['fractions', '{"access_token":"abc","expires_on":1700003600.7}', { expiresOn: 1_700_003_600 }],
  ])('is read from %s', (_, body, expected) => {
    expect(parseTokenBody(body, { resource: 'r' }, NOW)).toMatchObject(expected);
  });

  it.each([
    ['no JSON', '<html>'],
    ['an array', '[]'],
    ['no token', '{"expires_on":"1"}'],
    ['an empty token', '{"access_token":"","expires_on":"1"}'],
    ['no end', '{"access_token":"abc"}'],
    ['an end in words', '{"access_token":"abc","expires_on":"soon"}'],
  ])('is not read from %s', (_, body) => {
    expect(parseTokenBody(body, { resource: 'r' }, NOW)).toBeUndefined();
  });
});

it('the body of an error is this text, byte for byte', () => {
  expect(renderErrorBody('invalid_request', 'Identity not found')).toBe(
    '{"error":"invalid_request","error_description":"Identity not found"}',
  );
});

describe('the path of a token request', () => {
  it.each([
    ['with a client id', { clientId: 'c' }, '&client_id=c'],
    ['with an object id', { objectId: 'o' }, '&object_id=o'],
    ['with a resource id', { msiResId: '/a/b' }, '&msi_res_id=%2Fa%2Fb'],
    ['without a selector', {}, ''],
  ])('%s', (_, selector, end) => {
    expect(tokenRequestPath({ resource: 'https://vault.azure.net', ...selector })).toBe(
      `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net${end}`,
    );
  });

  it('keeps whatever stands in a value inside it', () => {
    expect(tokenRequestPath({ resource: 'r&client_id=x', clientId: 'c' })).toContain(
      'resource=r%26client_id%3Dx&client_id=c',
    );
  });
});
