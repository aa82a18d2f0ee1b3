import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Profile } from '../plan/profiles.ts';

/** What is known of the machine. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly hasProgram: (name: string) => boolean;
}

const NODE_PROGRAMS: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  hostname: 'hostname',
};

/** What keeps a profile from this machine, a sentence each. */
export function missingPrerequisites(profile: Profile, facts: MachineFacts): string[] {
  if (facts.platform !== 'linux') return [`clusters run on Linux only; this machine runs ${facts.platform}`];
  if (profile !== 'node') return [];
  if (!facts.isRoot) return ['the profile node makes namespaces, mounts and control groups, which only root may'];
  return Object.entries(NODE_PROGRAMS)
    .filter(([program]) => !facts.hasProgram(program))
    .map(([program, owner]) => `${program} is not installed; it is in the package ${owner}`);
}

export function machineFacts(env: NodeJS.ProcessEnv): MachineFacts {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const isExecutable = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasProgram: (name) => folders.some((folder) => isExecutable(join(folder, name))),
  };
}
