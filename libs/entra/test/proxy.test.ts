import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { listen, systemClock } from '@aad-pod-identity/runtime';
import { trustRunCa } from '@aad-pod-identity/testing';
import { type App, type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { createEntraClient } from '../src/index.ts';

let azure: AzureSimulator;
let app: App;
let proxy: Server;
let proxyUrl: string;
let tunnels: string[] = [];

beforeAll(async () => {
  azure = await startAzureSimulator();
  trustRunCa(azure.ca);
  app = azure.addApp({ secret: 's' });
  proxy = createServer().on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  proxyUrl = `http://127.0.0.1:${await listen(proxy, { host: '127.0.0.1', port: 0 })}`;
});
afterAll(async () => {
  await azure.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});
beforeEach(() => {
  tunnels = [];
});

it.each([
  ['HTTPS_PROXY leads through it', () => ({ HTTPS_PROXY: proxyUrl }), 1],
  ['https_proxy leads through it', () => ({ https_proxy: proxyUrl }), 1],
  ['NO_PROXY leads past it', () => ({ HTTPS_PROXY: proxyUrl, NO_PROXY: 'example.com,127.0.0.1' }), 0],
  ['HTTP_PROXY serves where HTTPS_PROXY is not set', () => ({ HTTP_PROXY: proxyUrl }), 1],
  ['HTTPS_PROXY comes before HTTP_PROXY', () => ({ HTTPS_PROXY: proxyUrl, HTTP_PROXY: 'http://127.0.0.1:1' }), 1],
  ['no variable, no proxy', () => ({}), 0],
])('%s', async (_, env, expected) => {
  const client = createEntraClient({ clock: systemClock, env: env() });
  const { tenantId, clientId } = app;
  const credential = { kind: 'secret', secret: 's' } as const;
  await client.token({
    authority: azure.entraUrl,
    tenantId,
    clientId,
    credential,
    resource: 'https://vault.azure.net',
  });
  await client.close();
  expect(tunnels).toEqual(Array(expected).fill(new URL(azure.entraUrl).host));
});
