import { systemClock } from '@aad-pod-identity/runtime';

import { fakeClock } from '../../src/index.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { call, openWatch, told } from './call.ts';
import { podObject, PODS } from './samples.ts';

/** The code of the system error below a failed fetch. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const cause = (error as { cause?: { code?: string } } | undefined)?.cause;
  return cause?.code ?? String(error);
}

describe('faults', () => {
  const clock = fakeClock();
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ clock });
    simulator.state.create(podObject('a'));
  });
  afterEach(() => simulator.close());

  it('answer a status with Retry-After, as often as told, and only where it fits', async () => {
    simulator.faults.add({
      method: 'GET',
      path: /pods$/,
      times: 2,
      action: { kind: 'status', status: 429, retryAfterSeconds: 3 },
    });
    expect((await call(simulator, 'GET /api/v1/nodes')).status).toBe(200);
    for (let time = 0; time < 2; time++) {
      const { status, headers, body } = await call(simulator, `GET ${PODS}`);
      expect(status).toBe(429);
      expect(headers.get('retry-after')).toBe('3');
      expect(body).toMatchObject({ kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } });
    }
    expect((await call(simulator, `GET ${PODS}`)).status).toBe(200);
  });

  it.each<[string, { kind: 'reset'; afterBytes?: number } | { kind: 'truncate'; afterBytes: number }, string]>([
    ['reset the connection at once', { kind: 'reset' }, 'ECONNRESET'],
    ['reset it in the middle of the body', { kind: 'reset', afterBytes: 40 }, 'ECONNRESET'],
    ['close it in the middle of the body', { kind: 'truncate', afterBytes: 40 }, 'UND_ERR_SOCKET'],
  ])('%s', async (_what, action, code) => {
    simulator.faults.add({ action });
    expect(await failure(call(simulator, `GET ${PODS}`))).toBe(code);
    expect((await call(simulator, `GET ${PODS}`)).status).toBe(200);
  });

  it('reset a watch in the middle of an event', async () => {
    simulator.faults.add({ watch: true, action: { kind: 'reset', afterBytes: 40 } });
    const watch = await openWatch(simulator, `${PODS}?watch=1`);
    expect(await failure(watch.next())).toBe('ECONNRESET');
  });

  it('never answer', async () => {
    simulator.faults.add({ action: { kind: 'silence' } });
    const controller = new AbortController();
    const answer = fetch(`${simulator.url}${PODS}`, { signal: controller.signal });
    while (!simulator.requests.some(({ path }) => path === PODS)) await systemClock.sleep(1);
    controller.abort(new Error('gave up'));
    await expect(answer).rejects.toThrow('gave up');
    expect(simulator.requests.at(-1)).toMatchObject({ path: PODS, status: 0 });
  });

  it('open a watch that says nothing', async () => {
    simulator.faults.add({ watch: true, action: { kind: 'silence' } });
    const watch = await openWatch(simulator, `${PODS}?watch=1`);
    expect(watch.status).toBe(200);
    watch.close();
    await expect(watch.next()).rejects.toThrow();
  });

  it('silence a watch that is open', async () => {
    const watch = await openWatch(simulator, `${PODS}?watch=1`);
    expect(told(await watch.next())).toBe('ADDED a');
    simulator.silenceWatches(/pods/);
    simulator.state.create(podObject('b'));
    const other = await openWatch(simulator, `${PODS}?watch=1`);
    expect(told(await other.next())).toBe('ADDED a');
    const silent = Promise.race([watch.next(), other.next().then(() => 'the other one')]);
    expect(await silent).toBe('the other one');
    other.close();
    watch.close();
  });

  it('delay an answer by the clock', async () => {
    simulator.faults.add({ action: { kind: 'delay', ms: 5000 } });
    const answer = call(simulator, `GET ${PODS}`);
    while (clock.pending() === 0) await systemClock.sleep(1);
    await clock.advance(5000);
    expect((await answer).status).toBe(200);
  });

  it.each([410, 500])('carry an ERROR event with status %i in a watch', async (status) => {
    simulator.faults.add({ watch: true, action: { kind: 'watchError', status } });
    const watch = await openWatch(simulator, `${PODS}?watch=1`);
    expect(watch.status).toBe(200);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: status } });
    expect(await watch.next()).toBeUndefined();
  });

  it('are forgotten when cleared', async () => {
    simulator.faults.add({ times: 9, action: { kind: 'status', status: 500 } });
    simulator.faults.clear();
    expect((await call(simulator, `GET ${PODS}`)).status).toBe(200);
  });
});

describe('a server that goes and comes back', () => {
  it('keeps its port and its state', async () => {
    const simulator = await startKubernetesSimulator();
    simulator.state.create(podObject('a'));
    const { url } = simulator;
    await simulator.stop();
    expect(await failure(call(simulator, `GET ${PODS}`))).toMatch(/ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET/);
    await simulator.start();
    expect(simulator.url).toBe(url);
    expect((await call(simulator, `GET ${PODS}/a`)).status).toBe(200);
    await simulator.close();
  });

  it('resets every connection when told to', async () => {
    const simulator = await startKubernetesSimulator();
    const watch = await openWatch(simulator, `${PODS}?watch=1`);
    simulator.resetConnections();
    expect(await failure(watch.next())).toBe('ECONNRESET');
    await simulator.close();
  });
});

describe('bearer tokens', () => {
  it('open the server until they are rotated or revoked', async () => {
    const simulator = await startKubernetesSimulator({ token: 'one' });
    const status = async (token: string): Promise<number> =>
      (await call(simulator, `GET ${PODS}`, undefined, { authorization: `Bearer ${token}` })).status;
    expect(await status('one')).toBe(200);
    expect(await status('two')).toBe(401);
    simulator.tokens.rotate('two');
    expect([await status('one'), await status('two')]).toEqual([401, 200]);
    simulator.tokens.revoke();
    expect(await status('two')).toBe(401);
    const { body } = await call(simulator, `GET ${PODS}`);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
    expect((await fetch(`${simulator.url}/healthz`)).status).toBe(200);
    await simulator.close();
  });
});

describe('recorded requests', () => {
  it('say who asked for what and how it ended', async () => {
    const simulator = await startKubernetesSimulator({ clock: fakeClock({ now: 1000 }) });
    await call(simulator, `GET ${PODS}?limit=5`, undefined, { 'user-agent': 'me/1' });
    await call(simulator, `GET ${PODS}/none`, undefined, { 'user-agent': 'me/1' });
    const common = { method: 'GET', at: 1000, userAgent: 'me/1', contentType: 'application/json' };
    expect(simulator.requests).toEqual([
      { ...common, path: PODS, query: 'limit=5', status: 200 },
      { ...common, path: `${PODS}/none`, query: '', status: 404 },
    ]);
    await simulator.close();
  });
});
