import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@aad-pod-identity/runtime';
import { componentEnvironment, launch } from '../src/run/launch.ts';
import { withLock } from '../src/run/lock.ts';
import { isSameProcess, ownIdentity, parseStat, readStat } from '../src/run/process-identity.ts';
import { readRecords, runningRecord, signalProcess, waitForEnd } from '../src/run/records.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-test-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function sleeper(): Promise<ChildProcess> {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child;
}

describe('a line of /proc/<pid>/stat', () => {
  const rest = `S 7 ${Array.from({ length: 17 }, () => '0').join(' ')} 4711 0 0`;
  const cases: Record<string, string> = {
    'of a program with a plain name': `12 (sh) ${rest}`,
    'of a program with spaces and parentheses in its name': `12 (a) b (c) ${rest}`,
  };
  it.each(Object.entries(cases))('%s', (_name, line) => {
    expect(parseStat(line)).toEqual({ pid: 12, state: 'S', parent: 7, threads: 0, startTime: '4711' });
  });
  it('is nothing when it is cut short', () => {
    expect(parseStat('12 (sh) S 7')).toBeUndefined();
  });
});

describe('a recorded process', () => {
  it('writes itself down before it becomes its program', async () => {
    const record = join(folder, 'etcd');
    await launch({ command: ['sleep', '100'], record, log: join(folder, 'log') });
    while (!existsSync(record)) await systemClock.sleep(5);
    const found = runningRecord(folder, 'etcd')!;
    expect(found).toEqual({ name: 'etcd', pid: found.pid, startTime: readStat(found.pid)!.startTime });
    while (!readFileSync(`/proc/${found.pid}/cmdline`, 'utf8').startsWith('sleep')) await systemClock.sleep(5);
    expect(runningRecord(folder, 'etcd')).toEqual(found);
    signalProcess(found, 'SIGKILL');
    expect(await waitForEnd(found, 5_000, systemClock)).toBe(true);
    expect(runningRecord(folder, 'etcd')).toBeUndefined();
  });

  it('that has another start time is somebody else, who is left alone', async () => {
    const child = await sleeper();
    const { startTime, ...stat } = readStat(child.pid!)!;
    const stranger = { ...stat, startTime: String(Number(startTime) - 1) };
    expect(isSameProcess(stranger)).toBe(false);
    signalProcess(stranger, 'SIGKILL');
    expect(isSameProcess({ ...stat, startTime })).toBe(true);
  });

  it('of a record that is cut short is none', () => {
    writeFileSync(join(folder, 'etcd'), '12 (et');
    expect(readRecords(folder)).toEqual([]);
  });
});

describe('the lock of a cluster', () => {
  const file = () => join(folder, 'lock');

  it('is given back, however the work ends', async () => {
    await expect(withLock(file(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(existsSync(file())).toBe(false);
  });

  it('keeps another command out, and tells its process', async () => {
    const { pid } = ownIdentity();
    const other = withLock(file(), () => withLock(file(), () => Promise.resolve()));
    await expect(other).rejects.toThrow(`process ${pid} holds`);
  });

  it('of a command that was killed counts for nothing', async () => {
    writeFileSync(file(), '1 99999999999\n');
    expect(await withLock(file(), () => Promise.resolve('done'))).toBe('done');
  });
});

it('components see nothing of the caller but where programs are', () => {
  const found = componentEnvironment({ PATH: '/bin', HOME: '/root', KUBECONFIG: '/k', HTTPS_PROXY: 'http://p' });
  expect(Object.keys(found).sort()).toEqual(['HOME', 'PATH']);
});
