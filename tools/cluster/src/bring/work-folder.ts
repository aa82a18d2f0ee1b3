import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, ownIdentity, type ProcessIdentity } from '../run/process-identity.ts';

const PREFIX = 'work-';

export function workFolderName({ pid, startTime }: ProcessIdentity): string {
  return `${PREFIX}${pid}-${startTime}`;
}

/** The process that a work folder belongs to; undefined for any other name. */
export function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^work-(\d+)-(\d+)$/.exec(name) ?? [];
  return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime };
}

/**
 * Gives `work` a folder in the cache for what is half done, and removes it however that ends; what a build that was
 * killed has left, gigabytes of it, goes as well.
 */
export async function withWorkFolder<T>(cache: string, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const owner = ownerOf(name);
    if (owner !== undefined && !isSameProcess(owner)) rmSync(join(cache, name), { recursive: true, force: true });
  }
  const folder = join(cache, workFolderName(ownIdentity()));
  mkdirSync(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
