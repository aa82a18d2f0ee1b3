import { createServer, type Server } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { listen } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { NmiError } from './errors.ts';
import { createProxy } from './proxy.ts';

describe('a metadata service that does not end its answer', () => {
  let server: Server;
  let baseUrl: string;
  let asked = Promise.withResolvers<undefined>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/metadata/instance') response.write('half of it');
      asked.resolve(undefined);
    });
    baseUrl = `http://127.0.0.1:${await listen(server, { host: '127.0.0.1', port: 0 })}`;
  });
  beforeEach(() => {
    asked = Promise.withResolvers();
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  function ask(path: string) {
    const clock = fakeClock();
    const proxy = createProxy({ baseUrl, metadataHeaderRequired: true, clock });
    const client = new AbortController();
    const { signal } = client;
    const exchange = {
      ...{ headers: { metadata: 'true', host: '169.254.169.254' }, query: '', remoteAddress: '10.0.0.1' },
      ...{ connection: {}, signal, log: silentLogger, seen: {} },
    };
    return { client, clock, proxy, reply: proxy(exchange, { name: 'metadata', path }) };
  }

  it('is given up after ten seconds', async () => {
    const { clock, proxy, reply } = ask('/metadata/versions');
    const outcome = reply.catch((error: unknown) => (error as NmiError).code);
    await asked.promise;
    await clock.advance(9_999);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);
    expect(await outcome).toBe('upstreamUnavailable');
    proxy.close();
  });

  it('is no failure of its own where the client has left', async () => {
    const { client, clock, proxy, reply } = ask('/metadata/versions');
    const outcome = reply.catch((error: unknown) => (error as NmiError).code);
    await asked.promise;
    client.abort(new NmiError('clientGone'));
    expect([await outcome, clock.pending()]).toEqual(['clientGone', 0]);
    proxy.close();
  });

  it('is cut off after ten seconds where it had begun, and leaves no timer', async () => {
    const { clock, proxy, reply } = ask('/metadata/instance');
    const { status, body } = await reply;
    const read = text(body as Readable);
    read.catch(() => undefined);
    await clock.advance(10_000);
    await expect(read).rejects.toThrow();
    expect([status, clock.pending()]).toEqual([200, 0]);
    proxy.close();
  });
});
