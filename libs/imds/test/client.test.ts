import { systemClock } from '@aad-pod-identity/runtime';
import {
  type AzureSimulator,
  type FaultAction,
  type Identity,
  startAzureSimulator,
} from '@aad-pod-identity/testing/azure';
import { createImdsClient, type ImdsClient, ImdsError } from '../src/index.ts';

const RESOURCE = 'https://storage.azure.com/';
let azure: AzureSimulator;
let client: ImdsClient;
let baseUrl: string;
let one: Identity;
let two: Identity;

beforeAll(async () => {
  azure = await startAzureSimulator();
  one = azure.addIdentity({ resourceGroup: 'g', name: 'one' });
  two = azure.addIdentity({ resourceGroup: 'g', name: 'two' });
  const { providerId } = azure.addVm({ resourceGroup: 'g', name: 'vm', userAssigned: [one.id, two.id] });
  ({ url: baseUrl } = await azure.imdsFor(providerId));
  client = createImdsClient({ baseUrl, clock: systemClock, userAgent: 'imds-test' });
});
afterAll(async () => {
  await client.close();
  await azure.close();
});
afterEach(() => azure.control.reset());

const failureOf = async (promise: Promise<unknown>): Promise<ImdsError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ImdsError);
  return error as ImdsError;
};

it('no proxy of the environment is used: the address is link-local', async () => {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'];
  const before = new Map(names.map((name) => [name, process.env[name]]));
  for (const name of names) process.env[name] = 'http://127.0.0.1:1';
  const own = createImdsClient({ baseUrl, clock: systemClock });
  try {
    expect((await own.token({ resource: RESOURCE, clientId: one.clientId })).accessToken).not.toBe('');
  } finally {
    await own.close();
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
});

describe('a token', () => {
  it.each([
    ['client id', () => ({ clientId: one.clientId })],
    ['client id in another case', () => ({ clientId: one.clientId.toUpperCase() })],
    ['object id', () => ({ objectId: one.principalId })],
    ['resource id', () => ({ msiResId: one.id.toLowerCase() })],
  ])('is of the identity named by its %s', async (_, selector) => {
    const token = await client.token({ resource: RESOURCE, ...selector() });
    const claims = await azure.verifyToken(token.accessToken);
    expect(claims).toMatchObject({ appid: one.clientId, oid: one.principalId, tid: one.tenantId, aud: RESOURCE });
    expect(token).toMatchObject({
      clientId: one.clientId,
      resource: RESOURCE,
      tokenType: 'Bearer',
      expiresOn: claims.exp,
    });
  });

  it('is asked for with the header, the user agent and nothing that betrays a proxy', async () => {
    await client.token({ resource: RESOURCE, clientId: two.clientId });
    expect(azure.state.requests.at(-1)).toMatchObject({ status: 200, userAgent: 'imds-test', service: 'imds' });
  });
});

describe('an answer without a token', () => {
  const status = (code: number, error = 'x', message = 'y'): FaultAction => ({
    kind: 'status',
    status: code,
    code: error,
    message,
  });
  it.each<[string, FaultAction, Partial<ImdsError>]>([
    [
      '400 Identity not found',
      status(400, 'invalid_request', 'Identity not found'),
      { code: 'identityNotFound', status: 400 },
    ],
    [
      '400 invalid_resource',
      status(400, 'invalid_resource', 'AADSTS500011'),
      { code: 'invalidResource', error: 'invalid_resource' },
    ],
    ['400 of another kind', status(400, 'invalid_request', 'no'), { code: 'invalidRequest', description: 'no' }],
    ['403', status(403), { code: 'invalidRequest' }],
    ['404', status(404), { code: 'unavailable', status: 404 }],
    ['408', status(408), { code: 'unavailable' }],
    ['410', status(410), { code: 'unavailable' }],
    ['429 with seconds', { kind: 'throttle', retryAfter: 7 }, { code: 'throttled', retryAfterMs: 7000 }],
    ['429 without Retry-After', { kind: 'throttle' }, { code: 'throttled', status: 429 }],
    ['500', status(500), { code: 'unavailable' }],
    ['503', status(503), { code: 'unavailable' }],
    ['200 in HTML', { kind: 'garbage', body: '<html>' }, { code: 'badResponse', status: 200 }],
    ['200 without a token', { kind: 'garbage', body: '{}' }, { code: 'badResponse' }],
    ['200 without an end', { kind: 'garbage', body: '{"access_token":"x"}' }, { code: 'badResponse' }],
    ['a body without end', { kind: 'garbage', body: 'x'.repeat(300_000) }, { code: 'badResponse' }],
    ['an error in HTML', { kind: 'garbage', status: 502, body: '<html>' }, { code: 'unavailable', status: 502 }],
    ['a reset connection', { kind: 'reset' }, { code: 'unreachable' }],
  ])('%s', async (_, action, expected) => {
    azure.control.failNext('imds.token', action);
    expect(await failureOf(client.token({ resource: RESOURCE, clientId: one.clientId }))).toMatchObject(expected);
  });

  it('of several identities, none named, is identityNotFound', async () => {
    expect(await failureOf(client.token({ resource: RESOURCE }))).toMatchObject({
      code: 'identityNotFound',
      description: expect.stringContaining('Multiple user assigned identities') as string,
    });
  });

  it('of nobody is unreachable', async () => {
    await azure.control.stop('imds');
    expect(await failureOf(client.token({ resource: RESOURCE }))).toMatchObject({ code: 'unreachable' });
  });

  it('that never comes is a timeout', async () => {
    azure.control.hang('imds.token', { times: 1 });
    const hasty = createImdsClient({ baseUrl, clock: systemClock, timeoutMs: 30 });
    expect(await failureOf(hasty.token({ resource: RESOURCE }))).toMatchObject({ code: 'timeout' });
    await hasty.close();
  });

  it('is not waited for by a caller who leaves', async () => {
    azure.control.hang('imds.token', { times: 1 });
    const controller = new AbortController();
    const reason = new Error('the pod went away');
    azure.state.recorder.subscribe(() => {
      controller.abort(reason);
    });
    await expect(client.token({ resource: RESOURCE }, controller.signal)).rejects.toBe(reason);
    await expect(client.token({ resource: RESOURCE }, controller.signal)).rejects.toBe(reason);
  });
});
