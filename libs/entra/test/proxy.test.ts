import { systemClock } from '@aad-pod-identity/runtime';
import { type ConnectProxy, startConnectProxy, trustRunCa } from '@aad-pod-identity/testing';
import { type App, type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { createEntraClient } from '../src/index.ts';

let azure: AzureSimulator;
let app: App;
let proxy: ConnectProxy;

beforeAll(async () => {
  azure = await startAzureSimulator();
  trustRunCa(azure.ca);
  app = azure.addApp({ secret: 's' });
  proxy = await startConnectProxy();
});
afterAll(async () => {
  await azure.close();
  await proxy.close();
});
beforeEach(() => {
  proxy.tunnels.length = 0;
});

const NOWHERE = 'http://127.0.0.1:1';

it.each([
  ['HTTPS_PROXY leads through it', () => ({ HTTPS_PROXY: proxy.url }), 1],
  ['https_proxy leads through it', () => ({ https_proxy: proxy.url }), 1],
  ['NO_PROXY leads past it', () => ({ HTTPS_PROXY: proxy.url, NO_PROXY: 'example.com,127.0.0.1' }), 0],
  ['HTTP_PROXY is for http alone: an https URL is reached directly', () => ({ HTTP_PROXY: NOWHERE }), 0],
  ['HTTPS_PROXY counts, whatever HTTP_PROXY says', () => ({ HTTPS_PROXY: proxy.url, HTTP_PROXY: NOWHERE }), 1],
  ['no variable, no proxy', () => ({}), 0],
])('%s', async (_, env, expected) => {
  const client = createEntraClient({ clock: systemClock, env: env() });
  const { tenantId, clientId } = app;
  const credential = { kind: 'secret', secret: 's' } as const;
  const request = { authority: azure.entraUrl, tenantId, clientId, credential, resource: 'https://vault.azure.net' };
  await client.token(request);
  await client.close();
  expect(proxy.tunnels).toEqual(Array(expected).fill(new URL(azure.entraUrl).host));
});
