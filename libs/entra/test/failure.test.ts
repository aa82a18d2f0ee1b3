import { inspect } from 'node:util';
import { systemClock } from '@aad-pod-identity/runtime';
import { type FaultAction } from '@aad-pod-identity/testing/azure';
import { createEntraClient, type EntraError, type EntraTokenRequest } from '../src/index.ts';
import { type Bench, certificate, failureOf, leaf, SECRET, startBench } from './bench.ts';

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

describe('a failure that may pass', () => {
  const status = (code: number): FaultAction => ({ kind: 'status', status: code });
  it.each<[string, FaultAction, Partial<EntraError>]>([
    ['429 with seconds', { kind: 'throttle', retryAfter: 9 }, { code: 'throttled', status: 429, retryAfterMs: 9000 }],
    ['429 without', { kind: 'throttle' }, { code: 'throttled' }],
    ['500', status(500), { code: 'unavailable', status: 500 }],
    ['503', status(503), { code: 'unavailable' }],
    ['HTML', { kind: 'garbage', status: 502, body: '<html>' }, { code: 'unavailable' }],
    ['200 without a token', { kind: 'garbage', body: '{}' }, { code: 'unavailable' }],
    ['a reset', { kind: 'reset' }, { code: 'unreachable' }],
  ])('%s is told, and leaves no memory behind', async (_, action, expected) => {
    azure.control.failNext('entra.token', action);
    expect(await failureOf(client.token(request()))).toMatchObject(expected);
    await expect(client.token(request())).resolves.toHaveProperty('accessToken');
  });

  it('a stopped Entra ID is unreachable', async () => {
    await azure.control.stop('entra');
    expect(await failureOf(client.token(request()))).toMatchObject({ code: 'unreachable' });
  });

  it('silence is a timeout', async () => {
    azure.control.hang('entra.token', { times: 1 });
    const hasty = createEntraClient({ clock: systemClock, env: {}, timeoutMs: 100 });
    expect(await failureOf(hasty.token(request()))).toMatchObject({ code: 'timeout' });
    await hasty.close();
  });

  it('a caller who leaves gets its own reason', async () => {
    azure.control.hang('entra.token', { times: 1 });
    const controller = new AbortController();
    const reason = new Error('gone');
    const unsubscribe = azure.state.recorder.subscribe(() => {
      controller.abort(reason);
    });
    await expect(client.token(request(), controller.signal)).rejects.toBe(reason);
    await expect(client.token(request(), controller.signal)).rejects.toBe(reason);
    unsubscribe();
  });
});

describe('no error holds a secret', () => {
  const hidden = [SECRET, 'wrong-secret', leaf.keyPem.slice(40, 80), 'header.payload.signature'];
  const echo = `you sent client_secret=${SECRET} client_assertion=header.payload.signature`;
  it.each<[string, Partial<EntraTokenRequest>, FaultAction | undefined]>([
    ['a wrong secret', { credential: { kind: 'secret', secret: 'wrong-secret' } }, undefined],
    ['an echo of the request', {}, { kind: 'status', status: 400, code: 'invalid_request', message: echo }],
    ['an echo in HTML', {}, { kind: 'garbage', status: 500, body: echo }],
    ['a reset with a secret', {}, { kind: 'reset' }],
    ['a reset with a certificate', { credential: certificate() }, { kind: 'reset' }],
    [
      'a malformed assertion',
      { credential: { kind: 'assertion', assertion: () => Promise.resolve('header.payload.signature') } },
      undefined,
    ],
  ])('%s', async (_, change, fault) => {
    if (fault !== undefined) azure.control.failNext('entra.token', fault);
    const error = await failureOf(client.token(request(change)));
    const everything = inspect(error, { depth: 20, showHidden: true });
    for (const text of [...hidden, app.clientId]) expect(everything).not.toContain(text);
  });
});
