/**
 * What reaches the metadata service behind NMI, whatever is sent: paths as bytes over a socket, because every HTTP
 * client tidies them up. The service behind is assumed to fold whatever any server folds.
 */
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { listen, systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import fc from 'fast-check';
import type { Handlers } from '../src/exchange.ts';
import { createProxy } from '../src/proxy.ts';
import { createNmiServer } from '../src/server.ts';

const RULES = {
  blockInstanceMetadata: false,
  metadataPaths: ['instance', 'versions', 'attested', 'loadbalancer', 'scheduledevents'],
};
const RUNS = 20_000;
/** Few, because what is no HTTP takes those before it with it. */
const BATCH = 10;

/** As a service would read it that decodes as often as it can, folds case and slashes, and drops parameters and dots. */
function mostLenientReading(target: string): string {
  let path = target.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/[?#]/)[0] ?? '';
  for (let before = ''; before !== path;) {
    before = path;
    path = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  const segments: string[] = [];
  for (const each of path.replaceAll('\\', '/').toLowerCase().split('/')) {
    const segment = each.replace(/[;?#\0].*$/, '').replace(/[.\s]+$/, (dots) => (each === '..' ? dots : ''));
    if (each === '..') segments.pop();
    else if (segment !== '') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

describe('the metadata service behind NMI', () => {
  const reached: string[] = [];
  let tokens = 0;
  let behind: Server;
  let nmi: Server;
  let port: number;
  let close: () => void;

  beforeAll(async () => {
    behind = createServer((request, response) => {
      reached.push(request.url ?? '');
      response.end('{}');
    });
    const behindPort = await listen(behind, { host: '127.0.0.1', port: 0 });
    const baseUrl = `http://127.0.0.1:${behindPort}`;
    const metadata = createProxy({ baseUrl, metadataHeaderRequired: false, clock: systemClock });
    ({ close } = metadata);
    const refuse = () => Promise.resolve({ status: 403, body: '' });
    const token = () => Promise.resolve({ status: 200, body: String(++tokens) });
    const handlers: Handlers = { token, metadata, hostToken: refuse, probe: refuse, refused: refuse };
    const nothing = () => undefined;
    const calls = { observe: nothing, admit: nothing, onConnectionRefused: nothing };
    nmi = createNmiServer({ rules: RULES, handlers, clock: systemClock, logger: silentLogger, ...calls }).server;
    port = await listen(nmi, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => {
    close();
    nmi.closeAllConnections();
    nmi.close();
    behind.closeAllConnections();
    behind.close();
  });

  /** Sends the targets one after the other over one connection; gives how many were answered when it ended. */
  async function send(targets: readonly string[]): Promise<number> {
    const requests = targets.map((target, index) => {
      const last = index === targets.length - 1 ? 'close' : 'keep-alive';
      return `GET ${target} HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: ${last}\r\n\r\n`;
    });
    return new Promise((resolve, reject) => {
      let answers = '';
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.setEncoding('latin1').on('data', (text: string) => (answers += text));
      socket.on('error', reject).on('close', () => {
        resolve(answers.split('HTTP/1.1 ').length - 1);
      });
      socket.write(requests.join(''), 'latin1');
    });
  }

  /** What is no HTTP ends its connection; what stands behind it is sent anew. */
  async function sendAll(targets: readonly string[]): Promise<void> {
    for (let at = 0; at < targets.length;) at += Math.max(1, await send(targets.slice(at, at + BATCH)));
  }

  const WORDS = [
    'metadata',
    'MetaData',
    'identity',
    'Identity',
    'oauth2',
    'token',
    'instance',
    'versions',
    'credential',
  ];
  const MORE_WORDS = ['getplatformmetadata', 'issuecredential', 'info', 'attested', 'loadbalancer', 'x', '', '.', '..'];
  const SIGNS = ['/', '\\', '%', '.', ';', '?', '#', '//', '/./', '/../', ':', '@', '\t'.trim(), '\u00e9'];
  const hex = (text: string): string => `%${text.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const encodings = (sign: string): fc.Arbitrary<string> =>
    fc.constantFrom(
      sign,
      ...(sign.length === 1 ? [hex(sign), hex(sign).toUpperCase(), `%25${hex(sign).slice(1)}`] : []),
      ...(sign.length === 1
        ? [`%2525${hex(sign).slice(1)}`, hex('%') + hex(sign).slice(1), `%u00${hex(sign).slice(1)}`]
        : []),
    );
  const letters = (word: string): fc.Arbitrary<string> =>
    fc
      .array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: word.length, maxLength: word.length })
      .map((kinds) =>
        Array.from(word, (letter, at) => [letter, letter.toUpperCase(), hex(letter)][kinds[at] ?? 0] ?? letter).join(
          '',
        ),
      );
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...WORDS, ...MORE_WORDS) },
    { weight: 2, arbitrary: fc.constantFrom(...WORDS).chain(letters) },
    { weight: 6, arbitrary: fc.constantFrom('/', '/', '/', ...SIGNS).chain(encodings) },
  );
  const start = fc.constantFrom(
    '/',
    '/',
    '/metadata/',
    '/metadata/identity/',
    '//',
    '\\',
    'http://169.254.169.254/',
    '/%2e%2e/',
  );
  const anything = fc
    .tuple(start, fc.array(piece, { maxLength: 14 }))
    .map(([first, rest]) => (first + rest.join('')).replace(/[\s\0]/g, '') || '/');
  const REAL = [
    'identity/oauth2/token',
    'identity/credential',
    'identity/getplatformmetadata',
    'instance/compute',
    'versions',
  ];
  const slash = fc.oneof(
    { weight: 8, arbitrary: fc.constant('/') },
    { weight: 1, arbitrary: fc.constantFrom(...SIGNS).chain(encodings) },
  );
  const word = (text: string) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(text) }, { weight: 1, arbitrary: letters(text) });
  /** A path that exists, with some of its letters and slashes in disguise. */
  const disguised = fc
    .constantFrom(...REAL)
    .chain((path) =>
      fc
        .tuple(...['metadata', ...path.split('/')].flatMap((text) => [slash, word(text)]))
        .map((parts) => parts.join('')),
    );
  const target = fc.oneof(anything, disguised).map((text) => text.replace(/[\s\0]/g, '') || '/');

  it(`sees nothing but allowed paths in their canonical form, of ${RUNS} spellings`, async () => {
    const targets = fc.sample(target, { numRuns: RUNS, seed: 20_261_125 });
    await sendAll(targets);
    // both ways are open, so that the test can fail
    expect([reached.length > 100, tokens > 10]).toEqual([true, true]);
    for (const url of new Set(reached)) {
      const [path = ''] = url.split('?');
      expect(path).toMatch(
        /^\/metadata\/(?:instance|versions|attested|loadbalancer|scheduledevents)(?:\/[\w.~-]+)*\/?$/,
      );
      expect(mostLenientReading(path)).not.toMatch(/^\/metadata\/identity/);
    }
  });
});
