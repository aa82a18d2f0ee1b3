import { ask, startWorld, type World } from './world.ts';

/** A bug that strikes when the process is sent SIGUSR2, beside whatever NMI does at that moment. */
const bug = (code: string): string =>
  `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${code} })`)}`;

describe('an error that nobody handles', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  it.each<[sentence: string, code: string, line: RegExp]>([
    [
      'a rejection',
      `Promise.reject(new Error('a bug', { cause: new Error('its reason') }))`,
      /^nmi: a bug: its reason$/,
    ],
    ['a throw in a callback', `throw new TypeError('x is\\nundefined')`, /^nmi: x is undefined$/],
    [
      'an error event',
      `new EventEmitter().emit('error', new Error('refused: client_secret=s3cret'))`,
      /^nmi: refused: /,
    ],
    ['a rejection with no error', `Promise.reject(7)`, /^nmi: something that is no Error was thrown$/],
  ])('ends the process with 1 and, at last, one clear line: %s', async (_, code, line) => {
    const imported = code.replace('new EventEmitter', `new (process.getBuiltinModule('node:events'))`);
    const nmi = await world.nmi([], { env: { NODE_OPTIONS: bug(imported) } });
    const { port } = await nmi.ports();
    expect((await ask(port, { from: '127.0.0.99', path: '/' })).status).toBe(403);
    expect(await nmi.stop('SIGUSR2')).toBe(1);
    const said = nmi.lines.map(({ msg }) => msg);
    expect(said.at(-1)).toMatch(line);
    expect(said.filter((each) => each.startsWith('nmi: '))).toHaveLength(1);
    expect(said.some((each) => each.startsWith('Status (403) took '))).toBe(true);
    expect(JSON.stringify(said)).not.toContain('s3cret');
  });
});
