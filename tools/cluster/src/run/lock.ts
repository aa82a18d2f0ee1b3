import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { isSameProcess, ownIdentity } from './process-identity.ts';

function holder(file: string): { pid: number; startTime: string } | undefined {
  const [pid, startTime] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime };
}

/** Creates the lock, unless there is one. */
function take(file: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    const { pid, startTime } = ownIdentity();
    writeSync(descriptor, `${pid} ${startTime}\n`);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Does `work` while no other command works on the same cluster; the lock of a command that was killed counts for nothing.
 * @throws an Error that names the other command's process
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  if (!take(file)) {
    const other = holder(file);
    if (other !== undefined && isSameProcess(other)) {
      throw new Error(`another command works on this cluster: process ${other.pid} holds ${file}`);
    }
    rmSync(file, { force: true });
    if (!take(file)) throw new Error(`another command has just begun to work on this cluster: ${file}`);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
