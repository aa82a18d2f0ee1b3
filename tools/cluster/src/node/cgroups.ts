import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@aad-pod-identity/runtime';

const ROOT = '/sys/fs/cgroup';

/** The trees of control groups: one in version 2, a folder for each controller in version 1. */
function hierarchies(root: string): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(root, name));
}

/** Makes the group below which kubelet keeps those of the pods. */
export function createCgroups(group: string, root = ROOT): void {
  for (const hierarchy of hierarchies(root)) {
    const folder = join(hierarchy, group);
    mkdirSync(folder, { recursive: true });
    // in version 1 a new set of CPUs and memory nodes is empty, and no process may join it
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const inherited = join(hierarchy, file);
      if (hierarchy !== root && existsSync(inherited)) writeFileSync(join(folder, file), readFileSync(inherited));
    }
  }
}

const RETRY_MS = 50;
const TRIES = 100;

/** Removes the group and all below it; the kernel takes a moment to let go of processes that have just ended. */
export async function removeCgroups(group: string, clock: Clock, root = ROOT): Promise<void> {
  if (!existsSync(root)) return;
  for (const hierarchy of hierarchies(root)) {
    const folder = join(hierarchy, group);
    for (let tries = 0; existsSync(folder) && tries < TRIES; tries++) {
      removeTree(folder);
      if (existsSync(folder)) await clock.sleep(RETRY_MS);
    }
    if (existsSync(folder)) throw new Error(`the control group ${folder} cannot be removed: a process is left in it`);
  }
}

function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // busy, or gone in between
  }
}
