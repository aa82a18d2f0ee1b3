import {
  azureAssignedIdentity,
  azureIdentity,
  azureIdentityBinding,
  createRunCa,
  pod,
  secret,
} from '@aad-pod-identity/testing';
import { ask, type Nmi, startWorld, STORAGE, type World } from './world.ts';

interface Principal {
  readonly type: 1 | 2;
  readonly values: Record<string, string>;
  readonly spec?: Record<string, unknown>;
  readonly secretNamespace?: string;
  readonly annotations?: Record<string, string>;
}

describe('a service principal', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;
  let addresses = 10;
  const certificate = createRunCa().issue({ commonName: 'app', altNames: [] });
  const other = createRunCa().issue({ commonName: 'other', altNames: [] });
  const TENANT = '11111111-1111-4111-8111-111111111111';
  const AUXILIARY = '22222222-2222-4222-8222-222222222222';

  beforeAll(async () => {
    world = await startWorld();
    nmi = await world.nmi();
    ({ port } = await nmi.ports());
  });
  afterAll(() => world.close());

  /** A pod bound to an identity of its own, which stands for `clientId` in Entra ID. */
  function principal(name: string, clientId: string, { type, values, spec, ...rest }: Principal): string {
    const { secretNamespace: namespace = 'default', annotations = {} } = rest;
    const ip = `127.0.1.${addresses++}`;
    const clientPassword = { name, namespace };
    const identity = azureIdentity({
      name,
      annotations,
      spec: { type, clientID: clientId, tenantID: TENANT, clientPassword, resourceID: '', ...spec },
    });
    const binding = azureIdentityBinding({ name });
    world.kube.state.create(secret({ name, namespace, values }));
    for (const object of [identity, binding]) world.kube.state.create(object);
    world.kube.state.create(azureAssignedIdentity({ pod: name, identity, binding }));
    world.kube.state.create(pod({ name, label: name, ip }));
    return ip;
  }

  const secretRequests = () => world.kube.requests.filter(({ path }) => path.includes('/secrets/'));
  const entraRequests = () => world.azure.state.requests.filter(({ service }) => service === 'entra');

  const appWithSecret = () => world.azure.addApp({ tenantId: TENANT, secret: 's3cret~value' });
  const appWithCertificate = () => world.azure.addApp({ tenantId: TENANT, certificatePem: certificate.certPem });
  const PEM = certificate.certPem + certificate.keyPem;

  it.each<[sentence: string, name: string, app: () => { clientId: string }, what: Principal]>([
    ['a secret under any key', 'any-key', appWithSecret, { type: 1, values: { whatever: 's3cret~value' } }],
    ['a secret that ends with a line end', 'line-end', appWithSecret, { type: 1, values: { x: 's3cret~value\n' } }],
    [
      'clientSecret of several keys',
      'several',
      appWithSecret,
      { type: 1, values: { a: 'x', password: 'y', clientSecret: 's3cret~value' } },
    ],
    ['password of several keys', 'password', appWithSecret, { type: 1, values: { a: 'x', password: 's3cret~value' } }],
    ['a PEM certificate', 'pem', appWithCertificate, { type: 2, values: { certificate: PEM } }],
    [
      'keys of a certificate in any case',
      'cert-case',
      appWithCertificate,
      { type: 2, values: { Certificate: PEM, Password: '' } },
    ],
  ])('gets a token with %s', async (_, name, app, what) => {
    const { clientId } = app();
    const answer = await ask(port, { from: principal(name, clientId, what) });
    const token = JSON.parse(answer.body) as Record<string, string>;
    expect(Object.keys(token)).toEqual([
      ...['access_token', 'client_id', 'expires_in', 'expires_on', 'ext_expires_in', 'not_before', 'refresh_token'],
      ...['resource', 'token_type'],
    ]);
    expect(token).toMatchObject({ client_id: clientId, resource: STORAGE, token_type: 'Bearer', refresh_token: '' });
    const claims = await world.azure.verifyToken(token.access_token ?? '');
    expect(claims).toMatchObject({ appid: clientId, aud: STORAGE, tid: TENANT });
  });

  it.each<
    [
      sentence: string,
      name: string,
      app: () => { clientId: string },
      what: Principal,
      status: number,
      description: RegExp,
    ]
  >([
    ['a wrong secret', 'wrong', appWithSecret, { type: 1, values: { password: 'wrong' } }, 403, /7000215/],
    [
      'several keys of which none is known',
      'unclear',
      appWithSecret,
      { type: 1, values: { a: '1', b: '2' } },
      403,
      /Secret default\/unclear has 2 keys/,
    ],
    [
      'a Secret without values',
      'empty',
      appWithSecret,
      { type: 1, values: {} },
      403,
      /Secret default\/empty holds no value/,
    ],
    [
      'a certificate that is none',
      'junk',
      appWithCertificate,
      { type: 2, values: { certificate: 'junk' } },
      403,
      /Secret default\/junk: .*cannot be read/,
    ],
    [
      'a Secret without the key certificate',
      'no-cert',
      appWithCertificate,
      { type: 2, values: { password: 'x' } },
      403,
      /has no key certificate/,
    ],
    [
      'another certificate',
      'other-cert',
      appWithCertificate,
      { type: 2, values: { certificate: other.certPem + other.keyPem } },
      403,
      /AADSTS\d+/,
    ],
    [
      'no such application',
      'no-app',
      () => ({ clientId: '33333333-3333-4333-8333-333333333333' }),
      { type: 1, values: { x: 'y' } },
      403,
      /700016/,
    ],
  ])('gets a clear refusal with %s', async (_, name, app, what, status, description) => {
    const answer = await ask(port, { from: principal(name, app().clientId, what) });
    const body = JSON.parse(answer.body) as Record<string, string>;
    expect([answer.status, body.error]).toEqual([status, 'access_denied']);
    expect(body.error_description).toMatch(description);
    expect(body.error_description).not.toMatch(/unreachable|s3cret/);
  });

  it('with a Secret that does not exist is told so', async () => {
    const ip = principal('gone', appWithSecret().clientId, { type: 1, values: { x: 'y' } });
    world.kube.state.delete('v1', 'Secret', 'default', 'gone');
    expect(await ask(port, { from: ip })).toMatchObject({
      status: 403,
      body: expect.stringContaining('Secret default/gone does not exist') as string,
    });
  });

  it.each<[sentence: string, name: string, what: Omit<Principal, 'type' | 'values'>, description: RegExp]>([
    ['an authority of nobody we know', 'far', { spec: { adEndpoint: 'https://evil.example.com/' } }, /adEndpoint/],
    ['an authority without TLS', 'plain', { spec: { adEndpoint: 'http://login.microsoftonline.com' } }, /adEndpoint/],
    [
      'a Secret of another namespace though namespaced',
      'abroad',
      { secretNamespace: 'kube-system', annotations: { 'aadpodidentity.k8s.io/Behavior': 'namespaced' } },
      /another namespace/,
    ],
  ])('with %s is refused before any Secret is read', async (_, name, what, description) => {
    const before = [secretRequests().length, entraRequests().length];
    const ip = principal(name, appWithSecret().clientId, { type: 1, values: { x: 's3cret~value' }, ...what });
    const answer = await ask(port, { from: ip });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(description);
    expect([secretRequests().length, entraRequests().length]).toEqual(before);
  });

  it('uses a changed Secret at once', async () => {
    const app = appWithSecret();
    const ip = principal('rotated', app.clientId, { type: 1, values: { x: 'old' } });
    expect((await ask(port, { from: ip })).status).toBe(403);
    world.kube.state.apply(secret({ name: 'rotated', values: { x: 's3cret~value' } }));
    expect((await ask(port, { from: ip })).status).toBe(200);
  });

  it('whose credential is the same asks Entra ID once; a namesake with a bogus Secret gets nothing of it', async () => {
    const app = appWithSecret();
    const good = principal('good', app.clientId, { type: 1, values: { x: 's3cret~value' } });
    expect((await ask(port, { from: good })).status).toBe(200);
    const before = entraRequests().length;
    expect((await ask(port, { from: good })).status).toBe(200);
    expect(entraRequests().length).toBe(before);
    const bogus = principal('bogus', app.clientId, { type: 1, values: { x: 'bogus' } });
    expect((await ask(port, { from: bogus })).status).toBe(403);
  });

  it('with auxiliary tenants gets an array, the primary tenant first', async () => {
    const { clientId } = appWithSecret();
    world.azure.addApp({ clientId, tenantId: AUXILIARY, secret: 's3cret~value' });
    const ip = principal('tenants', clientId, {
      type: 1,
      values: { x: 's3cret~value' },
      spec: { auxiliaryTenantIDs: [AUXILIARY] },
    });
    const answer = await ask(port, { from: ip });
    const tokens = JSON.parse(answer.body) as { access_token: string }[];
    const claims = await Promise.all(tokens.map(({ access_token }) => world.azure.verifyToken(access_token)));
    expect(claims.map(({ tid }) => tid)).toEqual([TENANT, AUXILIARY]);
    const headers = { podname: 'tenants', podns: 'default' };
    const host = await ask(port, { from: '127.0.0.1', path: `/host/token/?resource=${STORAGE}`, headers });
    const { token } = JSON.parse(host.body) as { token: { access_token: string } };
    expect((await world.azure.verifyToken(token.access_token)).tid).toBe(TENANT);
  });

  it('is logged with neither its secret nor its client id', async () => {
    const { clientId } = appWithSecret();
    const from = nmi.lines.length;
    await ask(port, { from: principal('quiet', clientId, { type: 1, values: { x: 's3cret~value' } }) });
    await nmi.line(({ msg }) => msg.startsWith('matched identityType:1 clientid:'), from);
    const printed = JSON.stringify(nmi.lines);
    for (const hidden of ['s3cret', 'eyJ', clientId, 'PRIVATE KEY-----M']) expect(printed).not.toContain(hidden);
  });
});
