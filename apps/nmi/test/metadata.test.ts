import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { listen } from '@aad-pod-identity/runtime';
import { pod } from '@aad-pod-identity/testing';
import { ask, type Nmi, startWorld, type World } from './world.ts';

/** A metadata service that answers everything with a token of the node and remembers what reached it. */
class TellTale {
  readonly received: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  readonly server: Server = createServer((request, response) => {
    const { method, url, headers } = request;
    this.received.push({ method, url, headers });
    request.resume();
    if (url?.startsWith('/metadata/instance/large') === true) response.end('x'.repeat(2_000_000));
    else response.setHeader('Connection', 'X-Hop').setHeader('X-Hop', '1').setHeader('X-Keep', '1').end('of the node');
  });
}

describe('what reaches the metadata service', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;
  const behind = new TellTale();
  const METADATA = { Metadata: 'true' };
  beforeAll(async () => {
    world = await startWorld();
    world.kube.state.create(pod({ name: 'curious', ip: '127.0.6.1' }));
    const metadataPort = await listen(behind.server, { host: '127.0.0.1', port: 0 });
    nmi = await world.nmi([`--metadata-port=${metadataPort}`]);
    ({ port } = await nmi.ports());
  });
  beforeEach(() => {
    behind.received.length = 0;
  });
  afterAll(async () => {
    await world.close();
    behind.server.closeAllConnections();
    behind.server.close();
  });

  /** Sends a request line as it is; clients would clean it. */
  async function raw(target: string, method = 'GET'): Promise<{ status: number; body: string }> {
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.6.1' });
    socket.write(
      `${method} ${target} HTTP/1.1\r\nHost: 169.254.169.254\r\nMetadata: true\r\nConnection: close\r\n\r\n`,
      'latin1',
    );
    const answer = await text(socket);
    return { status: Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
  }

  it('is an allowed request, by its canonical path, with its query', async () => {
    const answer = await ask(port, {
      from: '127.0.6.1',
      path: '/Metadata//INSTANCE/compute?api-version=1&x=%2e',
      headers: METADATA,
    });
    expect(answer).toMatchObject({ status: 200, body: 'of the node', headers: { 'x-keep': '1' } });
    expect(answer.headers['x-hop']).toBeUndefined();
    expect(behind.received).toMatchObject([{ method: 'GET', url: '/metadata/instance/compute?api-version=1&x=%2e' }]);
  });

  it('carries no header of one connection, none of a proxy, and the service’s own host', async () => {
    const headers = {
      ...METADATA,
      Host: '127.0.0.9:1',
      Connection: 'X-Secret',
      'X-Secret': '1',
      TE: 'trailers',
      Forwarded: 'for=x',
      'X-Original-URL': '/metadata/identity/oauth2/token',
      'X-Rewrite-URL': '/metadata/identity/oauth2/token',
      'X-HTTP-Method-Override': 'POST',
      'Content-Length': '0',
      'X-Ms-Client-Request-Id': '1',
      'User-Agent': 'a client',
    };
    await ask(port, { from: '127.0.6.1', path: '/metadata/versions', headers });
    const received = behind.received[0]?.headers ?? {};
    expect(received).toMatchObject({
      metadata: 'true',
      'x-ms-client-request-id': '1',
      'user-agent': 'a client',
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    });
    const known = ['connection', 'host', 'metadata', 'user-agent', 'x-ms-client-request-id'];
    expect(Object.keys(received).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each<[sentence: string, headers: Record<string, string>]>([
    ['without the Metadata header', {}],
    ['with X-Forwarded-For', { ...METADATA, 'X-Forwarded-For': '10.0.0.1' }],
    ['for a host by name', { ...METADATA, Host: 'attacker.example.com' }],
  ])('is nothing %s', async (_, headers) => {
    expect((await ask(port, { from: '127.0.6.1', path: '/metadata/instance', headers })).status).toBe(400);
    expect(behind.received).toEqual([]);
  });

  it('is cut off where the answer is too large', async () => {
    const large = ask(port, { from: '127.0.6.1', path: '/metadata/instance/large', headers: METADATA });
    await expect(large).rejects.toThrow();
  });

  const IDENTITY = [
    'identity',
    'Identity',
    'IDENTITY',
    '%69dentity',
    '%2569dentity',
    'identity%00',
    'identity.',
    'identity;a=b',
    'x/../identity',
    './identity',
    'identity%20',
  ];
  const TAILS = [
    'oauth2/token',
    'OAuth2/Token',
    'oauth2//token/x',
    'credential',
    'getplatformmetadata',
    'issuecredential',
    'info',
    '',
    '../identity/oauth2/token%2e',
  ];
  const SLASHES = ['/', '//', '\\', '%2f', '%5c', '%252f', '%25255C', '/./', '/.//', '/x/../'];

  it('is none of thousands of spellings under identity, whatever the method', async () => {
    const targets = SLASHES.flatMap((first) =>
      SLASHES.flatMap((slash) =>
        IDENTITY.flatMap((identity) => TAILS.map((tail) => `${first}metadata${slash}${identity}${slash}${tail}`)),
      ),
    ).filter((target) => target.startsWith('/'));
    const some = targets.filter((_, index) => index % 7 === 0);
    for (const target of [...some, 'http://169.254.169.254/metadata/identity/oauth2/token']) {
      const { status, body } = await raw(`${target}?resource=x`);
      expect([400, 403, 404]).toContain(status);
      expect(JSON.parse(body)).toHaveProperty('error_description');
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
      expect([403, 405]).toContain((await raw('/metadata/identity/issuecredential', method)).status);
      expect([403, 405]).toContain((await raw('/metadata/identity/oauth2/token?resource=x', method)).status);
    }
    expect(behind.received).toEqual([]);
  });

  it.each<[target: string, method: string, status: number, description: string]>([
    ['/metadata/identity/getplatformmetadata?cred-api-version=2.0', 'GET', 404, 'Not found'],
    ['/metadata/identity/credential?cred-api-version=1.0', 'GET', 403, 'Request blocked by AAD Pod Identity NMI'],
    ['/metadata/identity/issuecredential', 'POST', 403, 'Request blocked by AAD Pod Identity NMI'],
    ['/metadata/scheduledevents', 'POST', 403, 'Request blocked by AAD Pod Identity NMI'],
    ['/metadata/vault', 'GET', 403, 'Request blocked by AAD Pod Identity NMI'],
    ['/', 'GET', 403, 'Request blocked by AAD Pod Identity NMI'],
    ['/metadata/identity%2foauth2/token', 'GET', 400, 'Identity not found'],
    ['/metadata/identity%2fcredential', 'GET', 400, 'Invalid request'],
    ['//metadata/identity/oauth2/token?resource=x', 'GET', 400, 'Identity not found'],
    ['/metadata/identity/oauth2/token?resource=x', 'POST', 405, 'Only GET is allowed'],
  ])('is not %s with %s: %d', async (target, method, status, description) => {
    const { body, ...answer } = await raw(target.includes('?') ? target : `${target}?resource=x`, method);
    expect(answer).toEqual({ status });
    expect(JSON.parse(body)).toMatchObject({ error_description: description });
    expect(behind.received).toEqual([]);
  });

  it('is nothing of instance metadata when that is blocked', async () => {
    const metadataPort = (behind.server.address() as { port: number }).port;
    const blocking = await (await world.nmi(['--block-instance-metadata', `--metadata-port=${metadataPort}`])).ports();
    const answer = await ask(blocking.port, {
      from: '127.0.6.1',
      path: '/metadata/instance?api-version=1',
      headers: METADATA,
    });
    expect(answer).toMatchObject({
      status: 403,
      body: '{"error":"access_denied","error_description":"Request blocked by AAD Pod Identity NMI"}',
    });
    expect(behind.received).toEqual([]);
  });

  it('is no byte that is not HTTP', async () => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.6.1' });
    socket.write('\x16\x03\x01 hello\r\n\r\n');
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 400 [^]*\{"error":"invalid_request","error_description":"Bad Request"\}$/,
    );
  });

  it('leaves nothing running after SIGTERM', async () => {
    expect(await nmi.stop()).toBe(0);
  });
});
