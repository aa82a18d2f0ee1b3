import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { createRunCa, fakeClock } from '@aad-pod-identity/testing';
import { connect, pods, type ConnectOptions } from '../src/index.ts';

const ca = createRunCa();
const { certPem: cert, keyPem: key } = ca.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1'] });
const ref = { namespace: 'default', name: 'a' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function socketOf({ socket }: IncomingMessage): TLSSocket {
  if (socket instanceof TLSSocket) return socket;
  throw new TypeError('no TLS');
}

/** An API server that knows one token or one client, and tells who came. */
async function serve(isKnown: (request: IncomingMessage) => boolean) {
  const seen: { authorization: string | undefined; certificate: string | undefined }[] = [];
  const server = createServer({ cert, key, ca: ca.certPem, requestCert: true, rejectUnauthorized: false });
  server.on('request', (request, response) => {
    const subject = socketOf(request).getPeerCertificate().subject as { CN?: string } | undefined;
    seen.push({ authorization: request.headers.authorization, certificate: subject?.CN });
    response.writeHead(isKnown(request) ? 200 : 401).end('{"metadata":{}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { seen, port: (server.address() as AddressInfo).port, close };
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const client = (options: Partial<ConnectOptions>) =>
  connect({ env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test', qps: 0, ...options });

function mount(token: string): void {
  writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(join(folder, 'ca.crt'), ca.certPem);
}

const inCluster = (port: number) => ({
  env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) },
  serviceAccountDir: folder,
});

describe('in a cluster', () => {
  it('the mounted token and authority are used, and a refused token is read anew at once', async () => {
    let known = 'old';
    const server = await serve(({ headers }) => headers.authorization === `Bearer ${known}`);
    mount('old');
    const kube = await client(inCluster(server.port));
    await kube.get(pods, ref);
    known = 'new';
    mount('new');
    await kube.get(pods, ref);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
    await kube.close();
    await server.close();
  });

  it('a token that the kubelet has replaced is read within a minute', async () => {
    const clock = fakeClock();
    const server = await serve(() => true);
    mount('old');
    const kube = await client({ ...inCluster(server.port), clock });
    mount('new');
    await kube.get(pods, ref);
    await clock.advance(60_000);
    await kube.get(pods, ref);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
    await kube.close();
    await server.close();
  });

  it('files that are missing are one error that names the first', async () => {
    await expect(client(inCluster(1))).rejects.toMatchObject({
      code: 'badConfig',
      message: expect.stringContaining(folder) as string,
    });
  });
});

it('the client certificate of a kubeconfig is shown to the server', async () => {
  const server = await serve((request) => socketOf(request).authorized);
  const own = ca.issue({ commonName: 'operator', altNames: [] });
  const kubeconfig = join(folder, 'kubeconfig');
  const user = { 'client-certificate-data': base64(own.certPem), 'client-key-data': base64(own.keyPem) };
  const cluster = {
    server: `https://127.0.0.1:${server.port}`,
    'certificate-authority-data': base64(ca.certPem),
  };
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const kube = await client({ kubeconfig });
  await kube.get(pods, ref);
  expect(server.seen).toEqual([{ authorization: undefined, certificate: 'operator' }]);
  await kube.close();
  await server.close();
});
