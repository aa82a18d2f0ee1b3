import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from '@aad-pod-identity/runtime';

/** Who holds a lock: a pid alone may long be another process's. */
interface Holder {
  readonly pid: number;
  /** Start of the process as the kernel counts it. */
  readonly started: string;
}

/** The kernel's start time of a process; undefined when there is none. The name before it may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

const isAlive = ({ pid, started }: Holder) => startOf(pid) === started;

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function assertStale(path: string, text: string | undefined): void {
  const holder = readHolder(text ?? '');
  if (holder === undefined || !isAlive(holder)) return;
  throw new UsageError(
    `--folder: the sandbox with process id ${holder.pid} is using it (${path}); end that one or choose another folder`,
  );
}

/** Takes a stale lock away, and puts it back if it turns out to be the fresh one of somebody who was faster. */
function removeStale(path: string): void {
  assertStale(path, textOf(path));
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  try {
    assertStale(path, textOf(aside));
  } catch (error) {
    linkSync(aside, path);
    throw error;
  } finally {
    rmSync(aside);
  }
}

/** With its content from the first moment on: a lock without a holder would be taken for a stale one. */
function create(path: string, text: string): boolean {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside);
  }
}

/**
 * Makes this process the only sandbox that uses a folder. A lock whose process has ended, however it ended, is no lock.
 * @returns gives it back
 * @throws UsageError that names the other process
 */
export function takeLock(path: string): () => void {
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  while (!create(path, text)) removeStale(path);
  return () => {
    rmSync(path, { force: true });
  };
}
