/** Clients that take more than their share, of a server that stands alone: what becomes of them, and of the others. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { type FakeClock, fakeClock } from '@aad-pod-identity/testing';
import type { Handlers, Reply } from '../src/exchange.ts';
import { createNmiServer, HTTP_LIMITS, type NmiServer } from '../src/server.ts';
import { podRateLimit } from '../src/serving/pod-rate-limit.ts';
import { TOKEN_PATH } from './world.ts';

const BODY = 'x'.repeat(10_000);
const REQUEST = `GET ${TOKEN_PATH} HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n`;

const answerAtOnce = (): Promise<Reply> => Promise.resolve({ status: 200, body: BODY });

describe('a client that', () => {
  let nmi: NmiServer;
  let clock: FakeClock;
  let port: number;
  let answer: () => Promise<Reply>;
  let refused: number;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    clock = fakeClock();
    [answer, refused] = [answerAtOnce, 0];
    const handle = () => answer();
    const handlers: Handlers = { token: handle, metadata: handle, hostToken: handle, probe: handle, refused: handle };
    const limits = { ...HTTP_LIMITS, headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 50 };
    nmi = createNmiServer({
      ...{ rules: { blockInstanceMetadata: false, metadataPaths: [] }, handlers, clock, logger: silentLogger, limits },
      ...{ observe: () => undefined, onConnectionRefused: () => refused++ },
      admit: podRateLimit({ perSecond: 500, clock }),
    });
    port = await listen(nmi.server, { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    nmi.server.closeAllConnections();
    nmi.server.close();
  });

  function open(from = '127.0.0.2'): { socket: Socket; text: () => string; ended: Promise<void> } {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true });
    sockets.push(socket);
    let text = '';
    socket.setEncoding('latin1').on('data', (more: string) => (text += more));
    const ended = new Promise<void>((resolve) => {
      socket
        .on('error', () => undefined)
        .once('close', () => {
          resolve();
        });
    });
    return { socket, text: () => text, ended };
  }

  it.each<[sentence: string, sends: string, status: string]>([
    ['sends half a head and no more is told so and cut', 'GET / HTTP/1.1\r\nHost: a', '408'],
    [
      'sends half a body and no more is answered and cut',
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx`,
      '200',
    ],
    ['sends a head without end is told so and cut', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, '431'],
    ['sends what is no HTTP is told so and cut', 'hello\r\n\r\n', '400'],
    ['names no host is told so and cut', 'GET / HTTP/1.1\r\nMetadata: true\r\n\r\n', '400'],
    ['expects what nobody knows is told so and cut', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n', '417'],
    ['sends two lengths is told so and cut', 'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400'],
    [
      'sends a length beside chunks is told so and cut',
      'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
  ])('%s', async (_, sends, status) => {
    const { socket, text, ended } = open();
    socket.write(sends);
    await ended;
    expect(text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status !== '200') expect(JSON.parse(text().split('\r\n\r\n')[1] ?? '')).toHaveProperty('error');
  });

  it('asks again and again without reading is cut after ten seconds, and holds no memory', async () => {
    const { socket, ended } = open();
    socket.pause();
    const state = { gone: false };
    void ended.then(() => (state.gone = true));
    let answers = 0;
    answer = () => (answers++, answerAtOnce());
    while (!state.gone) {
      if (socket.writable && socket.writableLength < 1_000_000) socket.write(REQUEST.repeat(500));
      await clock.advance(1_000);
    }
    // Each answer that was made is either in the kernel's buffers or held: together they are
    // the most that NMI held of it. (The memory of the process says nothing: other tests' is in it.)
    expect(answers * BODY.length).toBeLessThan(32 * 1024 ** 2);
  });

  it('pipelines gets its answers in order', async () => {
    const { socket, text, ended } = open();
    socket.write(REQUEST.repeat(99) + REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    await ended;
    expect(text().split('HTTP/1.1 200 OK').length - 1).toBe(100);
  });

  it('sends on and on without waiting for its answers is cut, all its connections counted together', async () => {
    answer = () => Promise.withResolvers<Reply>().promise;
    const cut = Promise.withResolvers<undefined>();
    let cuts = 0;
    for (let each = 0; each < 20; each++) {
      const { socket, ended } = open('127.0.0.5');
      void ended.then(() => ++cuts === 9 && cut.resolve(undefined));
      socket.write(REQUEST.repeat(100));
    }
    await cut.promise;
    answer = answerAtOnce;
    const { socket, text, ended } = open('127.0.0.6');
    socket.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    await ended;
    expect(text()).toMatch(/^HTTP\/1\.1 200 /);
    expect(cuts).toBe(refused);
  });

  it('asks without end takes nothing from another pod', async () => {
    const flood = open('127.0.0.3');
    const answers = (): number => flood.text().split('HTTP/1.1 ').length - 1;
    for (let sent = 100; sent <= 1_100; sent += 100) {
      flood.socket.write(REQUEST.repeat(100));
      while (answers() < sent) await once(flood.socket, 'data');
    }
    const { socket, text, ended } = open('127.0.0.4');
    socket.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    await ended;
    expect(text()).toMatch(/^HTTP\/1\.1 200 /);
    expect(flood.text()).toMatch(/HTTP\/1\.1 429 [^]*Retry-After: 1\r\n/);
  });
});
