import { fakeClock } from '../../src/index.ts';
import { type AzureSimulator, IMDS_TELL_TALE, type Identity, startAzureSimulator } from '../../src/azure/index.ts';

const TOKEN = '/metadata/identity/oauth2/token';
const GOOD = `${TOKEN}?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F`;
const METADATA = { Metadata: 'true' };

let azure: AzureSimulator;
let one: Identity;
let two: Identity;
let urls: Record<'two' | 'single' | 'none' | 'system', string>;

beforeAll(async () => {
  azure = await startAzureSimulator();
  one = azure.addIdentity({ resourceGroup: 'g', name: 'one' });
  two = azure.addIdentity({ resourceGroup: 'g', name: 'two' });
  const url = async (name: string, more: object): Promise<string> => {
    const vm = azure.addVm({ resourceGroup: 'g', name, ...more });
    return (await azure.imdsFor(vm.id)).url;
  };
  urls = {
    two: await url('two', { userAssigned: [one.id, two.id] }),
    single: await url('single', { userAssigned: [one.id] }),
    none: await url('none', {}),
    system: await url('system', { systemAssigned: true, userAssigned: [one.id] }),
  };
});
afterAll(() => azure.close());
afterEach(() => azure.control.reset());

interface Body {
  readonly error?: string;
  readonly error_description?: string;
  readonly access_token?: string;
  readonly client_id?: string;
}

async function ask(
  machine: keyof typeof urls,
  path: string,
  headers: Record<string, string> = METADATA,
  method = 'GET',
) {
  const answer = await fetch(urls[machine] + path, { headers, method });
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) as Body, headers: answer.headers };
}

describe('a token request', () => {
  it('is answered in the wire form, keys in order and all values texts', async () => {
    const { text, headers } = await ask('single', GOOD);
    const body = JSON.parse(text) as Record<string, string>;
    expect(Object.keys(body)).toEqual(
      'access_token client_id expires_in expires_on ext_expires_in not_before refresh_token resource token_type'.split(
        ' ',
      ),
    );
    expect(Object.values(body).every((value) => typeof value === 'string')).toBe(true);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  it('is answered with a token of the identity, for the resource as it was sent', async () => {
    const { body } = await ask('single', `${TOKEN}/?api-version=2018-02-01&resource=https://storage.azure.com/`);
    expect(await azure.verifyToken(body.access_token ?? '')).toMatchObject({
      appid: one.clientId,
      oid: one.principalId,
      tid: azure.state.tenantId,
      aud: 'https://storage.azure.com/',
      xms_mirid: one.id,
    });
  });

  it.each([
    ['client_id', () => two.clientId.toUpperCase()],
    ['object_id', () => two.principalId],
    ['msi_res_id', () => two.id.toUpperCase()],
    ['mi_res_id', () => two.id],
  ])('may name the identity by %s', async (key, value) => {
    const { status, body } = await ask('two', `${GOOD}&${key}=${encodeURIComponent(value())}`);
    expect([status, body.client_id]).toEqual([200, two.clientId]);
  });

  it('that names none means the system-assigned identity, where there is one', async () => {
    const { body } = await ask('system', GOOD);
    const { appid } = await azure.verifyToken(body.access_token ?? '');
    expect(appid).toBe(azure.state.resource([...azure.state.resources.keys()].at(-1) ?? '').systemAssigned?.clientId);
  });

  it.each<[string, keyof typeof urls, string, string | RegExp, object?, string?]>([
    ['without the header', 'single', GOOD, 'Required metadata header not specified', {}],
    ['with another value of the header', 'single', GOOD, 'Required metadata header not specified', { Metadata: 'yes' }],
    ['that was forwarded', 'single', GOOD, /X-Forwarded-For/, { ...METADATA, 'X-Forwarded-For': '10.0.0.1' }],
    ['with a parameter twice', 'single', `${GOOD}&resource=x`, /Duplicate/],
    ['without a version', 'single', `${TOKEN}?resource=https://a.example`, /api-version/],
    ['without a resource', 'single', `${TOKEN}?api-version=2018-02-01`, /resource/],
    [
      'of an identity that is not on the machine',
      'single',
      `${GOOD}&client_id=00000000-0000-0000-0000-000000000000`,
      'Identity not found',
    ],
    ['on a machine without any', 'none', GOOD, 'Identity not found'],
    ['that could mean several', 'two', GOOD, /^Multiple user assigned identities exist/],
    ['with two selectors', 'two', `${GOOD}&client_id=a&object_id=b`, /At most one/],
    [
      'for something that is no resource',
      'single',
      `${TOKEN}?api-version=2018-02-01&resource=nothing`,
      /^AADSTS500011/,
    ],
  ])('%s is refused', async (_, machine, path, description, headers = METADATA) => {
    const { status, body } = await ask(machine, path, headers as Record<string, string>);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['error', 'error_description']);
    expect(body.error_description).toMatch(description);
  });

  it.each(['POST', 'PUT', 'DELETE'])('by %s is refused', async (method) => {
    expect((await ask('single', GOOD, METADATA, method)).status).toBe(405);
  });

  it('finds no identity that was deleted and made again under the same name', async () => {
    const reborn = azure.addIdentity({ resourceGroup: 'g', name: 'reborn' });
    const vm = azure.addVm({ resourceGroup: 'g', name: 'vm-reborn', userAssigned: [reborn.id] });
    const old = reborn.clientId;
    azure.state.recreateIdentity(reborn.id);
    const { url } = await azure.imdsFor(vm.providerId);
    for (const clientId of [old, reborn.clientId]) {
      const answer = await fetch(`${url}${GOOD}&client_id=${clientId}`, { headers: METADATA });
      expect(answer.status).toBe(400);
    }
  });
});

describe('other paths', () => {
  it.each([
    ['instance', '/metadata/instance?api-version=2021-02-01', 'GET'],
    ['versions', '/metadata/versions', 'GET'],
    ['attested', '/metadata/attested/document?api-version=2021-02-01', 'GET'],
    ['the newer identity paths', '/metadata/identity/getplatformmetadata?cred-api-version=2.0', 'GET'],
    ['the credential path', '/metadata/identity/credential?cred-api-version=1.0', 'GET'],
    ['the posted path', '/metadata/identity/issuecredential', 'POST'],
  ])('%s answer with something that a test can tell', async (_, path, method) => {
    const { status, text } = await ask('single', path, METADATA, method);
    expect(status).toBe(200);
    expect(text).toContain(IMDS_TELL_TALE);
  });

  it('unknown ones are 404', async () => {
    expect((await ask('single', '/metadata/nothing')).status).toBe(404);
  });
});

describe('the limits of the real service, as an option,', () => {
  it('are five at a time', async () => {
    const limited = await startAzureSimulator({ imdsLimits: true, ca: azure.ca });
    const { id } = limited.addVm({ resourceGroup: 'g', name: 'vm', systemAssigned: true });
    const { url } = await limited.imdsFor(id);
    limited.control.latency('imds.token', 60_000);
    const controller = new AbortController();
    const { signal } = controller;
    const ask = (): Promise<number | undefined> =>
      fetch(url + GOOD, { headers: METADATA, signal }).then(
        ({ status }) => status,
        () => undefined,
      );
    const statuses = Array.from({ length: 6 }, ask);
    expect(await Promise.race(statuses)).toBe(429);
    controller.abort();
    expect((await Promise.all(statuses)).filter((status) => status === 429)).toHaveLength(1);
    await limited.close();
  });

  it('are twenty a second', async () => {
    const clock = fakeClock();
    const limited = await startAzureSimulator({ imdsLimits: true, ca: azure.ca, clock });
    const { url } = await limited.imdsFor(limited.addVm({ resourceGroup: 'g', name: 'vm' }).id);
    const ask = async (): Promise<number> => (await fetch(url + GOOD, { headers: METADATA })).status;
    const statuses: number[] = [];
    while (statuses.length < 21) statuses.push(await ask());
    expect(statuses.indexOf(429)).toBe(20);
    await clock.advance(1000);
    expect(await ask()).toBe(400);
    await limited.close();
  });
});

describe('a scale set', () => {
  it('has one service per machine and the same identities on all', async () => {
    const { id, providerIds } = azure.addScaleSet({ resourceGroup: 'g', name: 'set', instances: 3 });
    azure.state.assign(azure.state.resource(id), one.id);
    const services = await Promise.all(providerIds.map((providerId) => azure.imdsFor(providerId)));
    expect(new Set(services.map(({ url }) => url)).size).toBe(3);
    for (const { url } of services) expect((await fetch(url + GOOD, { headers: METADATA })).status).toBe(200);
    expect(azure.state.requests.at(-1)).toMatchObject({ machine: 'set000002', service: 'imds', status: 200 });
  });
});
