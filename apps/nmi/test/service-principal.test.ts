import { systemClock } from '@aad-pod-identity/runtime';
import { secret } from '@aad-pod-identity/testing';
import { AUXILIARY, certificateOf, type Principal, Principals, SECRET, TENANT } from './principals.ts';
import { ask, type Nmi, startWorld, STORAGE, type World } from './world.ts';

describe('a service principal', () => {
  let world: World;
  let principals: Principals;
  let nmi: Nmi;
  let port: number;
  beforeAll(async () => {
    world = await startWorld();
    principals = new Principals(world);
    nmi = await world.nmi();
    ({ port } = await nmi.ports());
  });
  afterAll(() => world.close());

  it.each<[sentence: string, name: string, values: Record<string, string>]>([
    ['under any key', 'any-key', { whatever: SECRET }],
    ['that ends with a line end', 'line-end', { x: `${SECRET}\n` }],
    ['under clientSecret of several keys', 'several', { a: 'x', password: 'y', clientSecret: SECRET }],
    ['under password of several keys', 'password', { a: 'x', password: SECRET }],
  ])('gets a token with a secret %s', async (_, name, values) => {
    await getsItsToken(name, principals.withSecret().clientId, { type: 1, values });
  });

  it.each<[sentence: string, name: string, values: (pem: string) => Record<string, string>]>([
    ['in PEM', 'pem', (pem) => ({ certificate: pem })],
    ['under keys in any case', 'cert-case', (pem) => ({ Certificate: pem, Password: '' })],
  ])('gets a token with a certificate %s', async (_, name, values) => {
    const { clientId } = principals.withCertificate();
    await getsItsToken(name, clientId, { type: 2, values: values(principals.certificate.pem) });
  });

  async function getsItsToken(name: string, clientId: string, what: Principal): Promise<void> {
    const answer = await ask(port, { from: principals.bind(name, clientId, what) });
    const token = JSON.parse(answer.body) as Record<string, string>;
    expect(Object.keys(token)).toEqual([
      ...['access_token', 'client_id', 'expires_in', 'expires_on', 'ext_expires_in', 'not_before', 'refresh_token'],
      ...['resource', 'token_type'],
    ]);
    expect(token).toMatchObject({ client_id: clientId, resource: STORAGE, token_type: 'Bearer', refresh_token: '' });
    const claims = await world.azure.verifyToken(token.access_token ?? '');
    expect(claims).toMatchObject({ appid: clientId, aud: STORAGE, tid: TENANT });
  }

  it.each<[sentence: string, name: string, what: Principal, description: RegExp]>([
    ['a wrong secret', 'wrong', { type: 1, values: { password: 'wrong' } }, /7000215/],
    ['keys of which none is known', 'unclear', { type: 1, values: { a: '1', b: '2' } }, /default\/unclear has 2 keys/],
    ['a Secret without values', 'empty', { type: 1, values: {} }, /Secret default\/empty holds no value/],
    [
      'a certificate that is none',
      'junk',
      { type: 2, values: { certificate: 'junk' } },
      /default\/junk: .*cannot be read/,
    ],
    ['a Secret without a certificate', 'no-cert', { type: 2, values: { password: 'x' } }, /has no key certificate/],
    ['another certificate', 'other', { type: 2, values: { certificate: certificateOf('other').pem } }, /AADSTS\d+/],
    ['a tenant nobody has', 'tenant', { type: 1, values: { x: 'y' }, spec: { tenantID: 'nowhere.example' } }, /90002/],
  ])('gets a clear refusal with %s', async (_, name, what, description) => {
    const app = what.type === 1 ? principals.withSecret() : principals.withCertificate();
    const answer = await ask(port, { from: principals.bind(name, app.clientId, what) });
    const body = JSON.parse(answer.body) as Record<string, string>;
    expect([answer.status, body.error]).toEqual([403, 'access_denied']);
    expect(body.error_description).toMatch(description);
    expect(body.error_description).not.toMatch(/unreachable|s3cret/);
  });

  it('that Entra ID does not know gets a clear refusal', async () => {
    const ip = principals.bind('no-app', '33333333-3333-4333-8333-333333333333', { type: 1, values: { x: 'y' } });
    expect(await ask(port, { from: ip })).toMatchObject({
      status: 403,
      body: expect.stringContaining('700016') as string,
    });
  });

  it('with a Secret that does not exist is told so', async () => {
    const ip = principals.bind('gone', principals.withSecret().clientId, { type: 1, values: { x: 'y' } });
    world.kube.state.delete('v1', 'Secret', 'default', 'gone');
    const body = expect.stringContaining('Secret default/gone does not exist') as string;
    expect(await ask(port, { from: ip })).toMatchObject({ status: 403, body });
  });

  const NAMESPACED = { 'aadpodidentity.k8s.io/Behavior': 'namespaced' };
  it.each<[sentence: string, name: string, what: Omit<Principal, 'type' | 'values'>, description: RegExp]>([
    ['an authority of nobody we know', 'far', { spec: { adEndpoint: 'https://evil.example.com/' } }, /adEndpoint/],
    ['an authority without TLS', 'plain', { spec: { adEndpoint: 'http://login.microsoftonline.com' } }, /adEndpoint/],
    [
      'a foreign Secret though namespaced',
      'abroad',
      { secretNamespace: 'kube-system', annotations: NAMESPACED },
      /another namespace/,
    ],
  ])('with %s is refused before any Secret is read', async (_, name, what, description) => {
    const before = [principals.secretReads(), principals.entraCalls()];
    const ip = principals.bind(name, principals.withSecret().clientId, { type: 1, values: { x: SECRET }, ...what });
    const answer = await ask(port, { from: ip });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(description);
    expect([principals.secretReads(), principals.entraCalls()]).toEqual(before);
  });

  it('uses a changed Secret within seconds after the old one was refused', async () => {
    const ip = principals.bind('rotated', principals.withSecret().clientId, { type: 1, values: { x: 'old' } });
    expect((await ask(port, { from: ip })).status).toBe(403);
    world.kube.state.apply(secret({ name: 'rotated', values: { x: SECRET } }));
    const deadline = systemClock.monotonic() + 5_000;
    let status = 0;
    while (status !== 200 && systemClock.monotonic() < deadline) ({ status } = await ask(port, { from: ip }));
    expect(status).toBe(200);
  });

  it('asks Entra ID once; a namesake with a bogus Secret gets nothing of its token', async () => {
    const { clientId } = principals.withSecret();
    const good = principals.bind('good', clientId, { type: 1, values: { x: SECRET } });
    expect((await ask(port, { from: good })).status).toBe(200);
    const before = principals.entraCalls();
    expect((await ask(port, { from: good })).status).toBe(200);
    expect(principals.entraCalls()).toBe(before);
    const bogus = principals.bind('bogus', clientId, { type: 1, values: { x: 'bogus' } });
    expect((await ask(port, { from: bogus })).status).toBe(403);
  });

  it('with auxiliary tenants gets an array, the primary tenant first; the host handler uses only that', async () => {
    const { clientId } = principals.withSecret();
    world.azure.addApp({ clientId, tenantId: AUXILIARY, secret: SECRET });
    const spec = { auxiliaryTenantIDs: [AUXILIARY] };
    const answer = await ask(port, {
      from: principals.bind('tenants', clientId, { type: 1, values: { x: SECRET }, spec }),
    });
    const tokens = JSON.parse(answer.body) as { access_token: string }[];
    const claims = await Promise.all(tokens.map(({ access_token }) => world.azure.verifyToken(access_token)));
    expect(claims.map(({ tid }) => tid)).toEqual([TENANT, AUXILIARY]);
    const headers = { podname: 'tenants', podns: 'default' };
    const host = await ask(port, { from: '127.0.0.1', path: `/host/token/?resource=${STORAGE}`, headers });
    const { token } = JSON.parse(host.body) as { token: { access_token: string } };
    expect((await world.azure.verifyToken(token.access_token)).tid).toBe(TENANT);
  });

  it('is logged with neither its secret nor its client id', async () => {
    const { clientId } = principals.withSecret();
    const from = nmi.lines.length;
    await ask(port, { from: principals.bind('quiet', clientId, { type: 1, values: { x: SECRET } }) });
    await nmi.line(({ msg }) => msg.startsWith('matched identityType:1 clientid:'), from);
    const printed = JSON.stringify(nmi.lines);
    for (const hidden of ['s3cret', 'eyJ', clientId, 'PRIVATE KEY-----M']) expect(printed).not.toContain(hidden);
  });
});
