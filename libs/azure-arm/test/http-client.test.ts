import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type ConnectProxy, startConnectProxy } from '@aad-pod-identity/testing';
import { type Bench, newIdentity, newVm, startBench } from './azure.ts';

let bench: Bench;
let proxy: ConnectProxy;
beforeAll(async () => {
  [bench, proxy] = [await startBench(), await startConnectProxy()];
});
afterAll(async () => {
  await bench.close();
  await proxy.close();
});
beforeEach(() => {
  proxy.tunnels.length = 0;
});

const NOWHERE = 'http://127.0.0.1:1';

describe('the way to ARM', () => {
  it.each([
    ['HTTPS_PROXY leads through it', () => ({ HTTPS_PROXY: proxy.url }), 1],
    ['https_proxy leads through it', () => ({ https_proxy: proxy.url }), 1],
    ['NO_PROXY leads past it', () => ({ HTTPS_PROXY: proxy.url, NO_PROXY: 'example.com,127.0.0.1' }), 0],
    ['HTTP_PROXY is for http alone: an https URL is reached directly', () => ({ HTTP_PROXY: NOWHERE }), 0],
    ['no variable, no proxy', () => ({}), 0],
  ])('%s', async (_, env, expected) => {
    const target = newVm(bench.azure);
    expect(await bench.client({ env: env() }).getIdentities(target)).toMatchObject({ type: 'None' });
    expect(proxy.tunnels).toEqual(Array(expected).fill(new URL(bench.azure.armUrl).host));
  });

  it('a proxy that is none is named when the client is made', () => {
    expect(() => bench.client({ env: { HTTPS_PROXY: 'proxy:3128' } })).toThrow(/^HTTPS_PROXY \(environment\): not the/);
  });

  it('the process’s own environment is not read: what is not given is not there', async () => {
    process.env.HTTPS_PROXY = NOWHERE;
    try {
      await bench.client({ env: {} }).getIdentities(newVm(bench.azure));
    } finally {
      delete process.env.HTTPS_PROXY;
    }
    expect(proxy.tunnels).toEqual([]);
  });
});

describe('a write that may not leave any more', () => {
  const writes = () => bench.azure.state.requests.filter(({ operation }) => operation === 'arm.update').length;

  it('does not, also where it has waited for its token and its connection, and reads go on', async () => {
    let may = true;
    const token = async () => {
      may = false;
      return bench.token();
    };
    const client = bench.client({ token, mayWrite: () => may });
    const [target, { id }, before] = [newVm(bench.azure), newIdentity(bench.azure), writes()];
    const current = await client.getIdentities(target);
    may = true;
    const write = client.updateIdentities(target, { add: [id], remove: [], current });
    await expect(write).rejects.toMatchObject({ code: 'unreachable' });
    expect([writes() - before, (await client.getIdentities(target)).userAssigned.size]).toEqual([0, 0]);
  });

  it('a call that waits for its connection ends with its signal', async () => {
    const stopping = new AbortController();
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const asked = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    const client = bench.client({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
    const read = client.getIdentities(newVm(bench.azure), stopping.signal);
    const ended = expect(read).rejects.toThrow('stop');
    const [socket] = (await asked) as [Socket];
    stopping.abort(new Error('stop'));
    await ended;
    socket.destroy();
    silent.close();
  });
});
