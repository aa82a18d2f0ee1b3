import { type Logger, silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock, type FakeClock } from '@aad-pod-identity/testing';
import { CloudAccess } from '../../src/azure/cloud-access.ts';

const managed = (id: string, more: object = {}): string =>
  JSON.stringify({ useManagedIdentityExtension: true, userAssignedIdentityID: id, ...more });

describe('the file of the cloud configuration', () => {
  let clock: FakeClock;
  let content: string | undefined;
  let warnings: string[];
  let changes: number;
  let access: CloudAccess;
  const stopping = new AbortController();
  const readFile = (): Promise<string> =>
    content === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(content);

  beforeEach(async () => {
    [clock, content, warnings, changes] = [fakeClock(), managed('first'), [], 0];
    const warn: Logger['warn'] = (message, { err } = {}) => {
      warnings.push(`${message}: ${err instanceof Error ? err.message : ''}`);
    };
    const logger = { ...silentLogger, warn };
    access = await CloudAccess.open({
      ...{
        path: '/etc/azure.json',
        env: {},
        readFile,
        immutable: ['Kept'],
        userAgent: 'test',
        mayWrite: () => true,
        clock,
        logger,
      },
    });
    access.onChange(() => changes++);
    access.watch(stopping.signal).catch(() => undefined);
  });
  afterAll(() => {
    stopping.abort(new Error('end'));
  });

  const inUse = () => ['first', 'second'].filter((id) => access.isProtected(id));

  it('that changes is in use a few seconds later', async () => {
    content = managed('second');
    await clock.advance(4_000);
    expect([inUse(), changes, warnings]).toEqual([['second'], 1, []]);
  });

  it('that stays the same, or says the same in other words, changes nothing', async () => {
    await clock.advance(60_000);
    content = `useManagedIdentityExtension: "true"\nuserAssignedIdentityID: first\n`;
    await clock.advance(60_000);
    expect([inUse(), changes, warnings]).toEqual([['first'], 0, []]);
  });

  it.each<[sentence: string, content: string | undefined, said: RegExp]>([
    ['half-written', managed('second').slice(0, 40), /azure\.json: is neither JSON nor YAML$/],
    ['empty', '', /azure\.json: holds no fields$/],
    ['gone', undefined, /--cloudconfig: \/etc\/azure\.json cannot be read$/],
    ['of another cloud', managed('second', { cloud: 'Moon' }), /azure\.json: cloud: unknown cloud "Moon": allowed are/],
    ['of nobody', '{"tenantId":"t"}', /azure\.json: aadClientId, .*aadClientSecret: needed to sign in/],
  ])('that is %s leaves the old one in use and is told once, until it is right', async (_sentence, bad, said) => {
    content = bad;
    await clock.advance(60_000);
    expect([inUse(), changes, warnings]).toEqual([['first'], 0, [expect.stringMatching(said)]]);
    content = managed('second');
    await clock.advance(4_000);
    expect([inUse(), changes, warnings.length]).toEqual([['second'], 1, 1]);
  });

  it('that is being written is not read in between, also where half of it makes sense', async () => {
    for (const length of [5, 12, 20, 30, 40, 50]) {
      content = `useManagedIdentityExtension: true\nuserAssignedIdentityID: second`.slice(0, length);
      await clock.advance(2_000);
    }
    expect([inUse(), warnings]).toEqual([['first'], []]);
  });

  it('identities named immutable stay protected whatever it says, in any case', async () => {
    content = managed('second');
    await clock.advance(4_000);
    expect(['kept', 'second', 'first', ''].map((id) => access.isProtected(id))).toEqual([true, true, false, false]);
  });
});

it('nothing that is logged about it holds its secret', async () => {
  const lines: string[] = [];
  const keep: Logger['warn'] = (message, { err } = {}) => {
    lines.push(message, String(err), String((err as Error | undefined)?.cause));
  };
  const logger = { ...silentLogger, info: keep, warn: keep };
  const clock = fakeClock();
  const config = (secret: string) => JSON.stringify({ tenantId: 't', aadClientId: 'c', aadClientSecret: secret });
  let content = config('hunter1');
  const readFile = () => Promise.resolve(content);
  const options = {
    path: '/azure.json',
    env: {},
    readFile,
    immutable: [],
    userAgent: 'test',
    mayWrite: () => true,
    clock,
    logger,
  };
  const access = await CloudAccess.open(options);
  const stopping = new AbortController();
  access.watch(stopping.signal).catch(() => undefined);
  for (content of [config('hunter2'), config('hunter3').slice(0, -1), config('hunter4').replace('"t"', '7')]) {
    await clock.advance(10_000);
  }
  stopping.abort(new Error('end'));
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.join('\n')).not.toContain('hunter');
});
