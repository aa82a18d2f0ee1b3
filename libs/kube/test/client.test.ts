import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { createRunCa } from '@aad-pod-identity/testing';
import {
  configMaps,
  connect,
  isKubeError,
  leases,
  listAll,
  pods,
  type KubeClient,
  type KubeErrorCode,
} from '../src/index.ts';
import { connectToSimulator, podObject, until, type Action, type Connected } from './connected.ts';

const place = { namespace: 'default' };
const ref = { namespace: 'default', name: 'a' };

describe('calls', () => {
  let on: Connected;

  beforeEach(async () => {
    on = await connectToSimulator();
    on.simulator.state.create(podObject('a', { app: 'x' }));
  });

  afterEach(() => on.close());

  const failing: Record<string, [call: (client: KubeClient) => Promise<unknown>, code: KubeErrorCode]> = {
    'an object that is not there': [(c) => c.get(pods, { ...ref, name: 'none' }), 'notFound'],
    'an object that is there already': [(c) => c.create(pods, place, podObject('a')), 'alreadyExists'],
    'an object that the server refuses': [
      (c) => c.create(pods, place, { ...podObject('b'), kind: 'Pod', metadata: {} }),
      'invalid',
    ],
    'a write on top of an older version': [
      (c) => c.replace(pods, ref, { ...podObject('a'), metadata: { ...ref, resourceVersion: '1' } }),
      'conflict',
    ],
  };

  it.each(Object.entries(failing))('%s is an error with its own code', async (_sentence, [call, code]) => {
    await expect(call(on.client)).rejects.toMatchObject({ name: 'KubeError', code });
  });

  const patches: Record<string, [type: 'merge' | 'json' | 'strategic' | 'apply', body: unknown]> = {
    'a merge patch': ['merge', { metadata: { labels: { app: 'y' } } }],
    'a JSON patch': ['json', [{ op: 'replace', path: '/metadata/labels/app', value: 'y' }]],
    'a strategic merge patch': ['strategic', { metadata: { labels: { app: 'y' } } }],
    'a server-side apply': ['apply', { apiVersion: 'v1', kind: 'Pod', metadata: { ...ref, labels: { app: 'y' } } }],
  };

  it.each(Object.entries(patches))('%s changes the object', async (_sentence, [type, body]) => {
    const options = type === 'apply' ? { type, fieldManager: 'test', force: true } : { type };
    expect(await on.client.patch(pods, ref, body, options)).toMatchObject({ metadata: { labels: { app: 'y' } } });
  });

  it('a list can be narrowed by labels and fields, and comes in pages', async () => {
    for (let index = 0; index < 5; index++) on.simulator.state.create(podObject(`p${index}`, { app: 'many' }));
    const first = await on.client.list(pods, { ...place, labelSelector: 'app=many', limit: 3 });
    const next = await on.client.list(pods, {
      ...place,
      labelSelector: 'app=many',
      limit: 3,
      continue: first.metadata.continue,
    });
    expect([first.items.length, next.items.length, next.metadata.continue]).toEqual([3, 2, undefined]);
    expect((await on.client.list(pods, { fieldSelector: 'metadata.name=a' })).items).toHaveLength(1);
  });

  it('a document that is no object can be read', async () => {
    expect(await on.client.document('/version')).toMatchObject({ major: '1' });
    await expect(on.client.document('/nope')).rejects.toMatchObject({ code: 'notFound' });
  });

  describe('all of a list', () => {
    const all = () =>
      listAll({
        ...{ client: on.client, resource: pods, signal: new AbortController().signal },
        query: { labelSelector: 'app=lots', fields: { metadata: { name: true } } },
      });
    const expired = (times: number) =>
      on.simulator.faults.add({ path: /pods$/, times, action: { kind: 'status', status: 410 } });

    it('comes in pages, and only with the fields that are wanted', async () => {
      for (let index = 0; index < 501; index++) on.simulator.state.create(podObject(`all${index}`, { app: 'lots' }));
      const asked = on.simulator.requests.length;
      const items = await all();
      expect(items).toHaveLength(501);
      expect(items[0]).toEqual({ metadata: { name: 'all0' } });
      expect(on.simulator.requests).toHaveLength(asked + 2);
    });

    it('is listed anew where a continuation has expired, and not for ever', async () => {
      on.simulator.state.create(podObject('one', { app: 'lots' }));
      expired(2);
      expect(await all()).toHaveLength(1);
      expired(3);
      await expect(all()).rejects.toMatchObject({ code: 'gone' });
    });
  });

  it('a token can be asked for a service account', async () => {
    const token = await on.client.serviceAccountToken(
      { ...place, name: 'default' },
      ['api://AzureADTokenExchange'],
      3600,
    );
    expect(token.token.split('.')).toHaveLength(3);
  });

  const passing: Record<string, Action> = {
    'a 500': { kind: 'status', status: 500 },
    'a 429': { kind: 'status', status: 429, retryAfterSeconds: 0 },
    'a reset': { kind: 'reset' },
    'a reset in the middle of the answer': { kind: 'reset', afterBytes: 40 },
    'an answer that is cut short': { kind: 'truncate', afterBytes: 40 },
  };

  it.each(Object.entries(passing))('a read survives %s', async (_sentence, action) => {
    on.simulator.faults.add({ path: /\/pods\/a/, action });
    expect(await on.client.get(pods, ref)).toMatchObject({ metadata: { name: 'a' } });
  });

  it.each(Object.entries(passing))(
    'a write is never sent twice by itself, whatever happens: %s',
    async (_sentence, action) => {
      on.simulator.faults.add({ method: 'POST', action });
      await expect(on.client.create(configMaps, place, { metadata: { name: 'c' } })).rejects.toThrow();
      expect(on.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    },
  );

  it('what the server asked to wait is handed on', async () => {
    on.simulator.faults.add({ method: 'POST', action: { kind: 'status', status: 429, retryAfterSeconds: 7 } });
    await expect(on.client.create(configMaps, place, { metadata: { name: 'c' } })).rejects.toMatchObject({
      code: 'tooManyRequests',
      retryAfterMs: 7_000,
    });
  });

  it('a server that never answers costs the deadline and no more', async () => {
    on.simulator.faults.add({ times: Infinity, action: { kind: 'silence' } });
    await expect(on.client.get(pods, ref, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('an abort ends a call with its reason', async () => {
    on.simulator.faults.add({ action: { kind: 'silence' } });
    const controller = new AbortController();
    const call = on.client.get(pods, ref, { signal: controller.signal });
    await until(() => on.simulator.requests.length > 0);
    controller.abort(new Error('no longer wanted'));
    await expect(call).rejects.toThrow('no longer wanted');
  });

  it('a server that restarts is found again', async () => {
    await on.client.get(pods, ref);
    await on.simulator.stop();
    await expect(on.client.get(pods, ref, { retries: 0 })).rejects.toMatchObject({ code: 'unreachable' });
    await on.simulator.start();
    expect(await on.client.get(pods, ref)).toMatchObject({ metadata: { name: 'a' } });
  });
});

it('five hundred calls one after another share a connection or two of the pool', async () => {
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"metadata":{}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const on = await connectToSimulator();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(on.kubeconfig, readFileSync(on.kubeconfig, 'utf8').replaceAll(on.simulator.url, url));
  const client = await connect({
    ...{ kubeconfig: on.kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test', qps: 0 },
  });
  for (let count = 0; count < 500; count++) await client.get(pods, ref);
  // the next call may begin a moment before the pool knows that the last answer is complete
  expect(sockets.size).toBeLessThanOrEqual(2);
  await client.close();
  server.close();
  await on.close();
});

it('lease traffic passes a thousand calls that wait for their turn', async () => {
  const on = await connectToSimulator({}, { qps: 1, burst: 1 });
  const stop = new AbortController();
  const waiting = Array.from({ length: 1_000 }, () =>
    on.client.get(pods, ref, { signal: stop.signal }).catch((error: unknown) => error),
  );
  const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
  await on.client.create(leases, place, lease, { priority: 'lease' });
  expect(on.simulator.requests.filter(({ path }) => path.includes('/pods/')).length).toBeLessThan(5);
  stop.abort(new Error('enough'));
  await Promise.all(waiting);
  await on.close();
});

describe('over TLS, with a token', () => {
  const ca = createRunCa();
  const { certPem, keyPem } = ca.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1'] });
  const tls = { certPem, keyPem, caPem: ca.certPem };

  it('the authority of the kubeconfig is trusted, and only that', async () => {
    const on = await connectToSimulator({ tls, token: 'secret-token' });
    expect((await on.client.list(pods, place)).items).toEqual([]);
    const other = Buffer.from(createRunCa().certPem).toString('base64');
    const config = readFileSync(on.kubeconfig, 'utf8').replace(
      /certificate-authority-data: .*/,
      `certificate-authority-data: ${other}`,
    );
    writeFileSync(on.kubeconfig, config);
    const distrusting = await connect({
      ...{ kubeconfig: on.kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test' },
    });
    await expect(distrusting.list(pods, place, { retries: 0 })).rejects.toMatchObject({ code: 'unreachable' });
    await distrusting.close();
    await on.close();
  });

  it('a token that has expired is read anew at once', async () => {
    const on = await connectToSimulator({ tls, token: 'old-token' });
    await on.client.list(pods, place);
    on.simulator.tokens.rotate('new-token');
    writeFileSync(on.kubeconfig, readFileSync(on.kubeconfig, 'utf8').replaceAll('old-token', 'new-token'));
    expect((await on.client.list(pods, place)).items).toEqual([]);
    await on.close();
  });

  it('a token that is refused and has no successor is an error without the token in it', async () => {
    const on = await connectToSimulator({ tls, token: 'old-token' });
    on.simulator.tokens.revoke();
    const error: unknown = await on.client.list(pods, place).catch((thrown: unknown) => thrown);
    expect(isKubeError(error, 'unauthorized')).toBe(true);
    expect(JSON.stringify(error) + String(error)).not.toContain('old-token');
    await on.close();
  });
});

const configurations: Record<string, [env: NodeJS.ProcessEnv, kubeconfig: string | undefined, message: RegExp]> = {
  'a kubeconfig that is not there': [{}, '/nonexistent/kubeconfig', /^kubeconfig \/nonexistent\/kubeconfig: /],
  'one that KUBECONFIG names': [{ KUBECONFIG: '/nonexistent/other' }, undefined, /^kubeconfig \/nonexistent\/other: /],
  'neither a kubeconfig nor a cluster around': [{}, undefined, /KUBERNETES_SERVICE_HOST/],
};

it.each(Object.entries(configurations))(
  '%s is one line that names it',
  async (_sentence, [env, kubeconfig, message]) => {
    const options = { kubeconfig, env, clock: systemClock, logger: silentLogger, userAgent: 'test' };
    const error: unknown = await connect(options).catch((thrown: unknown) => thrown);
    expect(isKubeError(error, 'badConfig')).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  },
);
