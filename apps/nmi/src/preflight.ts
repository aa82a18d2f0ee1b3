import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type Cloud, CloudError, resolveCloud } from '@aad-pod-identity/entra';
import { UsageError } from '@aad-pod-identity/runtime';
import type { Logger, Metrics } from '@aad-pod-identity/telemetry';
import type { Flags } from './flags.ts';
import { kubenetSign, type NodeInterface, sharedBridges } from './kubenet.ts';

const SHARED_BRIDGE =
  'pods share a bridge; unless its network plugin keeps them from it, one can take the address of another';

const INTERFACES = '/sys/class/net';

/** The interfaces of the node; none where the kernel does not tell. */
export function nodeInterfaces(folder = INTERFACES): NodeInterface[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => {
    const ports = `${folder}/${name}/brif`;
    return { name, ports: existsSync(ports) ? readdirSync(ports).length : 0 };
  });
}

/** The text of the kubelet's configuration; none where there is no such file, as with kubelets that have no flags there. */
async function kubeletConfigOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`--kubelet-config: ${path} cannot be read`, { cause });
  });
}

/** @throws UsageError on a network where an address does not tell who is calling, unless the operator accepts that */
export async function refuseKubenet(flags: Flags, logger: Logger): Promise<void> {
  const kubeletConfig = await kubeletConfigOf(flags['kubelet-config']);
  const interfaces = [...nodeInterfaces().map(({ name }) => name), ...Object.keys(networkInterfaces())];
  const sign = kubenetSign({ kubeletConfig, interfaces });
  if (sign === undefined) return;
  const message = `this node uses kubenet (${sign}), where pods can take each other's addresses`;
  if (!flags['allow-network-plugin-kubenet']) {
    throw new UsageError(`--allow-network-plugin-kubenet is needed: ${message}`);
  }
  logger.warn(message);
}

/** Says which bridges pods share, in the log at the start and as a metric from then on: most of them come with the first pod. */
export function tellSharedBridges(metrics: Metrics, logger: Logger, interfaces = nodeInterfaces): void {
  const bridges = sharedBridges(interfaces());
  if (bridges.length > 0) logger.warn(SHARED_BRIDGE, { bridges: bridges.join(',') });
  metrics.gauge({
    name: 'nmi_shared_bridges',
    help: 'Bridges of the node that pods may share, where one could take the address of another.',
    collect: () => sharedBridges(interfaces()).length,
  });
}

/** @throws UsageError that names the variable of the environment */
async function named<T>(variable: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error;
    throw new UsageError(`${variable} (environment): ${error.message}`, { cause: error.cause });
  });
}

/** The cloud that the environment names: `CLOUD`, or the one that `AZURE_ENVIRONMENT_FILEPATH` describes, or the public one. */
export function cloudOf({ CLOUD, AZURE_ENVIRONMENT_FILEPATH: environmentFile }: NodeJS.ProcessEnv): Promise<Cloud> {
  const name = CLOUD || (environmentFile ? 'AzureStackCloud' : '');
  const cloud = resolveCloud({ name, environmentFile, readFile: (path) => readFile(path, 'utf8') });
  return named(CLOUD ? 'CLOUD' : 'AZURE_ENVIRONMENT_FILEPATH', cloud);
}
