import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '@aad-pod-identity/runtime';
import { lastWords, readyLine, startChild } from '../src/child.ts';
import { supervise } from '../src/supervisor.ts';
import { until } from '../src/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'child-'));
const never = new AbortController().signal;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const command = (name: string, script: string) => ({
  name,
  args: ['--eval', script],
  env: {},
  logFile: join(folder, `${name}.log`),
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const STAYS = 'setInterval(() => {}, 1000);';

it('a program is ready when it says so, and what it says is handed on', async () => {
  const settings = command('ready', `console.log('{"ready":true,"url":"u"}'); ${STAYS}`);
  const child = startChild(settings, systemClock);
  expect(await readyLine(child, settings.logFile, systemClock, { signal: never })).toEqual({ ready: true, url: 'u' });
  await child.stop();
  expect(isAlive(child.pid)).toBe(false);
});

it('a program that ends before it is ready is an error that names its log', async () => {
  const settings = command('early', 'console.error("no luck"); process.exit(3);');
  const child = startChild(settings, systemClock);
  await expect(readyLine(child, settings.logFile, systemClock, { signal: never })).rejects.toThrow(
    `early ended with code 3; its log is ${settings.logFile}`,
  );
  await until(systemClock, 'log', () => (lastWords(settings.logFile).includes('no luck') ? true : undefined));
  expect(lastWords(settings.logFile)).toBe(`its log is ${settings.logFile}, which ends with: no luck`);
});

it('a program that has not said anything has no last words', () => {
  expect(lastWords(join(folder, 'silent.log'))).toBe(`its log is ${join(folder, 'silent.log')}`);
});

it('a program that hears no SIGTERM is ended all the same', async () => {
  const settings = command('deaf', `process.on('SIGTERM', () => {}); console.log('{"ready":true}'); ${STAYS}`);
  const child = startChild(settings, systemClock);
  await readyLine(child, settings.logFile, systemClock, { signal: never });
  await child.stop();
  expect(await child.ended).toBe('was ended by SIGKILL');
});

it('a program that crashes is started again, and not once it was told to stop', async () => {
  const program = supervise(command('crash', STAYS), systemClock, () => undefined);
  const first = await until(systemClock, 'pid', () => program.pid);
  program.kill();
  const second = await until(systemClock, 'restart', () => (program.restarts === 1 ? program.pid : undefined));
  expect(second).not.toBe(first);
  await program.stop();
  expect([program.running, isAlive(second)]).toEqual([false, false]);
});

it('a program that is told to start again does so, with time to tidy up before', async () => {
  const tidy = "process.on('SIGTERM', () => { console.log('tidied up'); process.exit(); });";
  const settings = command('again', `${tidy} console.log('started'); ${STAYS}`);
  const program = supervise(settings, systemClock, () => undefined);
  await until(systemClock, 'start', () => (lastWords(settings.logFile).endsWith('started') ? true : undefined));
  const first = program.pid;
  await program.restart();
  expect(lastWords(settings.logFile)).toMatch(/tidied up$/);
  const second = await until(systemClock, 'restart', () => (program.restarts === 1 ? program.pid : undefined));
  expect(second).not.toBe(first);
  await program.stop();
});

it('a sandbox that is killed leaves nothing running, and nothing that nobody is to find', async () => {
  const source = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  const [secret, kept] = [join(folder, 'a secret'), join(folder, 'kept')];
  for (const path of [secret, kept]) writeFileSync(path, '');
  const script = `
    const { startChild } = await import(${source('../src/child.ts')});
    const { tellGuard } = await import(${source('../src/guard-line.ts')});
    const { systemClock } = await import(${source('../../../libs/runtime/src/index.ts')});
    for (const path of ${JSON.stringify([secret, kept])}) tellGuard('remove', path);
    tellGuard('keep', ${JSON.stringify(kept)});
    const [args, logFile] = [['--eval', ${JSON.stringify(STAYS)}], ${JSON.stringify(join(folder, 'orphan.log'))}];
    console.log(startChild({ name: 'orphan', args, env: {}, logFile }, systemClock).pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  expect(isAlive(Number(line))).toBe(true);
  parent.kill('SIGKILL');
  await until(systemClock, 'end of the orphan', () => (isAlive(Number(line)) ? undefined : true));
  await until(systemClock, 'end of the secret', () => (existsSync(secret) ? undefined : true));
  expect(existsSync(kept)).toBe(true);
});
