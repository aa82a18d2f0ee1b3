import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UsageError } from '@aad-pod-identity/runtime';

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * What the sandbox needs of the machine.
 * @returns a line for each thing that is missing but can be done without
 * @throws UsageError where it cannot run
 */
export function requirements(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform !== 'linux') {
    throw new UsageError(
      `this machine runs ${platform}; the sandbox gives each pod an address of 127.0.0.0/8, so Linux`,
    );
  }
  if (isOnPath('kubectl', env)) return [];
  return ['kubectl is not installed: the walk-through does without; the commands that it prints need it.'];
}
