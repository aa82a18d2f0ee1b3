import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '@aad-pod-identity/runtime';
import { story } from '../src/story/story.ts';
import { until } from '../src/until.ts';

const main = join(import.meta.dirname, '../src/main.ts');

async function sandbox(...flags: string[]) {
  return await sandboxIn(process.env, ...flags);
}

async function sandboxIn(env: NodeJS.ProcessEnv, ...flags: string[]) {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: child.exitCode };
}

it('the walk-through succeeds from the first step to the last', async () => {
  const { out, err, code } = await sandbox('--once');
  expect(err).toBe('');
  for (const { title } of story)
    expect(out).toMatch(new RegExp(`^${title.replaceAll('?', '\\?')} +ok +[\\d.]+ s$`, 'm'));
  expect(code).toBe(0);
}, 120_000);

const mistakes: Record<string, [flags: string[], err: RegExp]> = {
  'an unknown flag': [['--onse'], /^sandbox: unknown flag --onse; did you mean --once\?\n$/],
  'a folder that cannot be': [
    ['--folder=/proc/x'],
    /^sandbox: --folder: "\/proc\/x" lies where no folder can be made; [^\n]+\n$/,
  ],
  'a port that cannot be': [['--port=70000'], /^sandbox: --port: "70000" is not a whole number from 0 up to 65535\n$/],
};

it.each(Object.entries(mistakes))('%s is one clear line', async (_sentence, [flags, err]) => {
  const result = await sandbox(...flags);
  expect(result.err).toMatch(err);
  expect(result.code).toBe(2);
});

it('a real API server that this machine cannot build is one clear line, and nothing is begun', async () => {
  const { out, err, code } = await sandboxIn({ PATH: '', AAD_POD_IDENTITY_CACHE: '/nowhere/cache' }, '--real');
  expect(err).toMatch(/^sandbox: --real: kubernetes: Go builds them, and there is no go on the PATH; [^\n]+\n$/);
  expect([code, out.includes('Starting'), existsSync('/nowhere')]).toEqual([2, false, false]);
});

it('it says which version it is', async () => {
  expect((await sandbox('--version')).out).toMatch(/^sandbox \S+ \S+\n$/);
});

describe('how it ends', () => {
  let temp: string;
  const started: ChildProcess[] = [];

  beforeEach(() => {
    temp = mkdtempSync(join(tmpdir(), 'once-'));
  });
  afterEach(async () => {
    // one that a failed test has left
    for (const child of started.splice(0)) {
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'close');
    }
    rmSync(temp, { recursive: true });
  });

  /** A sandbox whose temp folder is the test's own, once it has printed a text. */
  async function startUntil(printed: RegExp, ...flags: string[]) {
    const env = { ...process.env, TMPDIR: temp };
    const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], env });
    started.push(child);
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    const err = text(child.stderr);
    const ended = once(child, 'close');
    await until(systemClock, `"${printed.source}" in ${out}`, () => (printed.test(out) ? true : undefined), LONG);
    const end = async () => {
      await ended;
      return { out, err: await err, code: child.exitCode };
    };
    return { child, end };
  }

  const INTERRUPTED = 'sandbox: interrupted before the end of the walk-through\n';

  const moments: Record<string, [printed: RegExp, flags: string[], code: number, err: string]> = {
    'while it starts': [/Starting the simulators/, ['--port=0'], 0, ''],
    'while it starts, before a walk-through': [/Starting the simulators/, ['--once'], 1, INTERRUPTED],
    'in a step that waits for Azure': [/3\. The pod gets/, ['--once', '--arm-delay=5m'], 1, INTERRUPTED],
    'in a step of a story that is only told': [/3\. The pod gets/, ['--port=0', '--arm-delay=5m'], 0, ''],
    'when all is up': [/Ctrl-C ends it/, ['--port=0', '--story=false'], 0, ''],
  };

  it.each(Object.entries(moments))(
    'Ctrl-C %s ends everything and leaves nothing',
    async (_sentence, [printed, flags, code, err]) => {
      const { child, end } = await startUntil(printed, ...flags);
      child.kill('SIGINT');
      expect(await end()).toMatchObject({ code, err });
      expect(readdirSync(temp)).toEqual([]);
    },
    60_000,
  );

  const unread: Record<string, [flags: string[], code: number, err: string]> = {
    'a walk-through for its result': [['--once', '--arm-delay=5m'], 1, INTERRUPTED],
    'a sandbox to go on with': [['--port=0', '--story=false'], 0, ''],
  };

  it.each(Object.entries(unread))(
    '%s whose output nobody reads any more, as after | head -1, ends and leaves nothing',
    async (_sentence, [flags, code, err]) => {
      const { child, end } = await startUntil(/Starting the simulators/, ...flags);
      child.stdout.destroy();
      expect(await end()).toMatchObject({ code, err });
      expect(readdirSync(temp)).toEqual([]);
    },
    60_000,
  );

  it.each([
    ['kubernetes', 'when all is up', /Ctrl-C ends it/, ['--port=0', '--story=false']],
    ['azure', 'during the walk-through', /3\. The pod gets/, ['--once', '--arm-delay=5m']],
  ] as const)(
    'the simulator of %s that dies %s is the end, which says so and keeps the logs',
    async (simulator, _when, printed, flags) => {
      const { child, end } = await startUntil(printed, ...flags, `--folder=${join(temp, 'kept')}`);
      process.kill(pidOf(child.pid ?? 0, `${simulator}/main.ts`), 'SIGKILL');
      const { out, err, code } = await end();
      expect(err).toMatch(
        new RegExp(`^sandbox: ${simulator} was ended by SIGKILL; its log is \\S+${simulator}.log[^\\n]*\\n$`),
      );
      expect(out).toMatch(/\nThe logs are in \S+\n$/);
      expect(code).toBe(1);
    },
    60_000,
  );

  it('a folder that the user named stays, without a private key', async () => {
    const folder = join(temp, 'mine');
    const { child, end } = await startUntil(/Ctrl-C ends it/, '--port=0', '--story=false', `--folder=${folder}`);
    child.kill('SIGINT');
    expect((await end()).code).toBe(0);
    const left = readdirSync(folder);
    expect(left).toEqual(expect.arrayContaining(['mic.log', 'nmi.log', 'kubeconfig']));
    expect(left.filter((name) => /key|lock/.test(name))).toEqual([]);
  }, 60_000);

  it('a second sandbox in the same folder is refused with one line, and the first goes on', async () => {
    const folder = join(temp, 'shared');
    const flags = ['--port=0', '--story=false', `--folder=${folder}`];
    const first = await startUntil(/Starting the simulators/, ...flags);
    const second = await sandbox(...flags);
    expect([second.code, second.out.includes('Starting')]).toEqual([2, false]);
    expect(second.err).toMatch(/^sandbox: --folder: the sandbox with process id \d+ is using it [^\n]+\n$/);
    first.child.kill('SIGINT');
    expect((await first.end()).code).toBe(0);
  }, 60_000);

  it('a sandbox that is killed does not stand in the way of the next, and its keys go', async () => {
    const folder = join(temp, 'killed');
    const flags = ['--port=0', '--story=false', `--folder=${folder}`];
    const first = await startUntil(/Starting the simulators/, ...flags);
    first.child.kill('SIGKILL');
    await first.end();
    const isGone = () => (readdirSync(folder).some((name) => name.includes('key')) ? undefined : true);
    await until(systemClock, 'end of the keys', isGone);
    const next = await startUntil(/Starting the simulators/, ...flags);
    next.child.kill('SIGINT');
    expect((await next.end()).code).toBe(0);
  }, 60_000);

  it('a run that fails keeps its logs and says where, and no private key', async () => {
    const folder = join(temp, 'spoilt');
    mkdirSync(join(folder, 'kubeconfig'), { recursive: true });
    const { out, err, code } = await sandbox('--once', `--folder=${folder}`);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^sandbox: kubernetes ended with code 1; its log is \S+kubernetes.log, which ends with: [^\n]+\n$/,
    );
    expect(out).toMatch(new RegExp(`\\nThe logs are in ${folder}\\n$`));
    expect(readdirSync(folder).filter((file) => /key|lock/.test(file))).toEqual([]);
  }, 60_000);
});

/** The child of a process that runs a program. */
function pidOf(parent: number, program: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program));
  if (found === undefined) throw new Error(`process ${parent} has no child that runs ${program}`);
  return found;
}

/** Starting many programs on a busy machine takes its time. */
const LONG = { timeoutMs: 40_000 };
