import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type Cloud, resolveCloud } from '@aad-pod-identity/entra';
import { UsageError } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { kubenetSign } from './kubenet.ts';

/** @throws UsageError on a network where an address does not tell who is calling, unless the operator accepts that */
export async function refuseKubenet(flags: Flags, logger: Logger): Promise<void> {
  const kubeletConfig = await readFile(flags['kubelet-config'], 'utf8').catch(() => undefined);
  const sign = kubenetSign({ kubeletConfig, interfaces: Object.keys(networkInterfaces()) });
  if (sign === undefined) return;
  const message = `this node uses kubenet (${sign}), where pods can take each other's addresses`;
  if (!flags['allow-network-plugin-kubenet']) {
    throw new UsageError(`--allow-network-plugin-kubenet is needed: ${message}`);
  }
  logger.warn(message);
}

/** The cloud that the environment names: `CLOUD`, or the one that `AZURE_ENVIRONMENT_FILEPATH` describes, or the public one. */
export function cloudOf({ CLOUD, AZURE_ENVIRONMENT_FILEPATH: environmentFile }: NodeJS.ProcessEnv): Promise<Cloud> {
  const name = CLOUD ?? (environmentFile ? 'AzureStackCloud' : '');
  return resolveCloud({ name, environmentFile, readFile: (path) => readFile(path, 'utf8') });
}
