import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type EntraError, type EntraTokenRequest, readCertificate } from '../src/index.ts';
import { type Bench, ca, certificate, failureOf, leaf, startBench } from './bench.ts';

let bench: Bench;
let azure: Bench['azure'];
let client: Bench['client'];
let app: Bench['app'];
let request: Bench['request'];

beforeAll(async () => {
  bench = await startBench();
  ({ azure, client, app, request } = bench);
});
afterAll(() => bench.close());
afterEach(() => azure.control.reset());

const calls = (): number => azure.state.requests.filter(({ service }) => service === 'entra').length;

/** An assertion of a federated issuer, whose signature this app's credential does not check. */
const assertionOf = (claims: object): string =>
  [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.') + '.c2ln';

describe('a token', () => {
  it.each([
    ['a secret', () => request()],
    ['a certificate', () => request({ credential: certificate() })],
    ['an authority with a slash', () => request({ authority: `${azure.entraUrl}/` })],
  ])('comes by %s and is of the application', async (_, build) => {
    const token = await client.token(build());
    const claims = await azure.verifyToken(token.accessToken);
    expect(claims).toMatchObject({
      appid: app.clientId,
      oid: app.principalId,
      tid: app.tenantId,
      aud: 'https://vault.azure.net',
    });
    expect(Math.abs(token.expiresOn - claims.exp)).toBeLessThanOrEqual(2);
  });

  it('comes by a certificate with an elliptic-curve key', async () => {
    const pair = await readCertificate(readFileSync(new URL('fixtures/ec-aes.p12', import.meta.url)), 'password');
    const { clientId } = azure.addApp({ tenantId: app.tenantId, certificatePem: pair.certificatePem });
    const token = await client.token(request({ clientId, credential: { kind: 'certificate', ...pair } }));
    expect(await azure.verifyToken(token.accessToken)).toMatchObject({ appid: clientId });
  });

  it('comes by a federated assertion, asked for once', async () => {
    const federated = azure.addApp({
      federatedCredentials: [{ issuer: 'https://issuer', subject: 'system:serviceaccount:a:b' }],
    });
    let asked = 0;
    const assertion = (): Promise<string> => {
      asked += 1;
      const aud = ['api://AzureADTokenExchange'];
      return Promise.resolve(assertionOf({ iss: 'https://issuer', sub: 'system:serviceaccount:a:b', aud, exp: 4e9 }));
    };
    const token = await client.token(
      request({ clientId: federated.clientId, credential: { kind: 'assertion', assertion } }),
    );
    expect(await azure.verifyToken(token.accessToken)).toMatchObject({ appid: federated.clientId });
    expect(asked).toBe(1);
  });

  it.each(['https://storage.azure.com/', 'https://storage.azure.com', 'api://a/b/'])(
    'for %s keeps that audience',
    async (resource) => {
      const token = await client.token(request({ resource }));
      expect(await azure.verifyToken(token.accessToken)).toMatchObject({ aud: resource });
    },
  );

  it('costs one request, without any discovery, and is never answered from memory', async () => {
    const before = calls();
    const [first, second] = [await client.token(request()), await client.token(request())];
    expect(first.accessToken).not.toBe(second.accessToken);
    expect(azure.state.requests.slice(-2)).toEqual(
      Array(2).fill(expect.objectContaining({ operation: 'entra.token', userAgent: 'entra-test' })),
    );
    expect(calls()).toBe(before + 2);
  });
});

describe('a refusal', () => {
  const withKey = ({ privateKey }: { privateKey: KeyObject }): EntraTokenRequest['credential'] => ({
    kind: 'certificate',
    certificatePem: leaf.certPem,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  });
  const ofCurve = (namedCurve: string) => withKey(generateKeyPairSync('ec', { namedCurve }));
  const other = ca.issue({ commonName: 'other', altNames: [] });
  const mixed = { kind: 'certificate', certificatePem: leaf.certPem, privateKeyPem: other.keyPem } as const;
  const assertion = (claims: object): EntraTokenRequest['credential'] => ({
    kind: 'assertion',
    assertion: () => Promise.resolve(assertionOf(claims)),
  });
  it.each<[string, () => Partial<EntraTokenRequest>, Partial<EntraError>]>([
    [
      'of a wrong secret',
      () => ({ credential: { kind: 'secret', secret: 'wrong-secret' } }),
      { code: 'badCredential', aadstsCode: 7000215 },
    ],
    [
      'of an unregistered certificate',
      () => ({ credential: certificate(other) }),
      { code: 'badCredential', aadstsCode: 700027 },
    ],
    ['of a certificate with another key', () => ({ credential: mixed }), { code: 'badCredential', aadstsCode: 700027 }],
    [
      'of a certificate with another key, of an elliptic curve',
      () => ({ credential: ofCurve('P-384') }),
      { code: 'badCredential', aadstsCode: 700027 },
    ],
    [
      'of an unknown issuer',
      () => ({ credential: assertion({ iss: 'x', sub: 'y', aud: 'z' }) }),
      { code: 'badCredential', aadstsCode: 70021 },
    ],
    [
      'of an unknown app',
      () => ({ clientId: '00000000-0000-0000-0000-000000000000' }),
      { code: 'unknownApp', aadstsCode: 700016 },
    ],
    [
      'of an unknown tenant',
      () => ({ tenantId: '00000000-0000-0000-0000-000000000000' }),
      { code: 'unknownTenant', aadstsCode: 90002 },
    ],
    [
      'of an unknown resource',
      () => ({ resource: 'https://unknown.example' }),
      { code: 'badResource', aadstsCode: 500011 },
    ],
    ['of something that is no resource', () => ({ resource: 'no resource' }), { code: 'badResource' }],
  ])('%s', async (_, change, expected) => {
    azure.state.unknownAudiences.add('https://unknown.example');
    expect(await failureOf(client.token(request(change())))).toMatchObject(expected);
  });

  it('of an expired secret', async () => {
    const expired = azure.addApp({ secret: 'old' });
    expired.secretExpired = true;
    const error = await failureOf(
      client.token(request({ clientId: expired.clientId, credential: { kind: 'secret', secret: 'old' } })),
    );
    expect(error).toMatchObject({ code: 'badCredential', aadstsCode: 7000222 });
  });

  it.each<[string, () => Partial<EntraTokenRequest>, string]>([
    ['a tenant that would lead elsewhere', () => ({ tenantId: '../evil' }), 'unknownTenant'],
    ['a tenant with a path', () => ({ tenantId: 'a/b' }), 'unknownTenant'],
    ['no tenant', () => ({ tenantId: '' }), 'unknownTenant'],
    ['an authority over plain http', () => ({ authority: 'http://127.0.0.1:1' }), 'refused'],
    ['an authority that is none', () => ({ authority: 'here' }), 'refused'],
    ['an empty secret', () => ({ credential: { kind: 'secret', secret: '' } }), 'badCredential'],
    ['a key of another kind', () => ({ credential: withKey(generateKeyPairSync('ed25519')) }), 'badCredential'],
    ['a key of a curve that nobody signs with', () => ({ credential: ofCurve('secp256k1') }), 'badCredential'],
    [
      'a key that is none',
      () => ({ credential: { ...certificate(), privateKeyPem: 'x' } as EntraTokenRequest['credential'] }),
      'badCredential',
    ],
  ])('for %s comes before anything is sent', async (_, change, code) => {
    const before = calls();
    expect(await failureOf(client.token(request(change())))).toMatchObject({ code });
    expect(calls()).toBe(before);
  });

  it('of the assertion itself is passed on', async () => {
    const reason = new Error('no service-account token');
    const credential = { kind: 'assertion', assertion: () => Promise.reject(reason) } as const;
    await expect(client.token(request({ credential }))).rejects.toBe(reason);
  });
});
