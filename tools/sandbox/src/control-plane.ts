import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bring, removeClusterNamed, startCluster, toolsOf, type Cluster } from '@aad-pod-identity/cluster';
import { UsageError, type Clock } from '@aad-pod-identity/runtime';
import { tellGuard } from './guard-line.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { RunFolder } from './run-folder.ts';
import { abortable } from './until.ts';

const PROFILE = 'control-plane';
const CRDS = join(import.meta.dirname, '../../../charts/aad-pod-identity/crds');

export interface ControlPlaneOptions {
  readonly folder: RunFolder;
  readonly clock: Clock;
}

type Bring = Parameters<typeof bring>[1];

/**
 * Builds what a real API server needs, unless an earlier run has: minutes, told as they pass.
 * @throws UsageError where this machine cannot; the signal's reason once that aborts
 */
export async function bringControlPlane(options: Bring, signal: AbortSignal): Promise<void> {
  try {
    await abortable(bring(toolsOf(PROFILE), options), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new UsageError(`--real: ${(error as Error).message}; without it nothing has to be built`);
  }
}

/** Starts etcd, API server and controller manager, with the project's CRDs; they end with `life`, and it with them. */
export async function startControlPlane(options: ControlPlaneOptions, life: Lifecycle): Promise<void> {
  const { folder, clock } = options;
  tellGuard('cluster', folder.controlPlane);
  const starting = startCluster({
    ...{ profile: PROFILE, folder: folder.controlPlane, fresh: true, clock, signal: life.signal },
  });
  const settled = starting.then(
    () => undefined,
    () => undefined,
  );
  life.simulators.push({ stop: () => settled.then(() => removeControlPlane(options)) });
  const cluster = await starting;
  copyFileSync(cluster.kubeconfig, folder.kubeconfig);
  await installCrds(cluster);
  life.tasks.push(watchProcesses(cluster, clock, life));
}

/** Owned by the manager that `kubectl apply --server-side` has, so that a user may go on with them. */
async function installCrds({ kubectl }: Cluster): Promise<void> {
  await kubectl('apply', '--server-side', '-f', CRDS);
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', CRDS);
}

/** What the API server knows the kubelet of its node by. */
export function kubeletTls({ controlPlane }: RunFolder) {
  const read = (file: string) => readFileSync(join(controlPlane, 'pki', file), 'utf8');
  return { cert: read('kubelet.crt'), key: read('kubelet.key'), ca: read('ca.crt') };
}

const WATCH_MS = 1_000;

async function watchProcesses(cluster: Cluster, clock: Clock, life: Lifecycle): Promise<void> {
  for (;;) {
    const dead = cluster.processes().find(({ pid }) => pid === undefined);
    if (dead !== undefined) life.fail(new Error(`${dead.name} has ended; its log is ${cluster.log(dead.name)}`));
    await clock.sleep(WATCH_MS, life.signal);
  }
}

/** Ends what runs in a folder and removes it; nothing if there is none. */
export const endControlPlane = (folder: string, clock?: Clock) => removeClusterNamed({ folder }, clock);

/** Its logs stay where they were said to be, as far as the run's folder stays; its keys do not. */
async function removeControlPlane({ folder, clock }: ControlPlaneOptions): Promise<void> {
  const [logs, aside] = [join(folder.controlPlane, 'logs'), join(folder.root, 'control-plane-logs')];
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(logs)) renameSync(logs, aside);
  await endControlPlane(folder.controlPlane, clock);
  rmSync(folder.kubeconfig, { force: true });
  if (existsSync(aside)) {
    mkdirSync(folder.controlPlane, { recursive: true });
    renameSync(aside, logs);
  }
  tellGuard('no-cluster', folder.controlPlane);
}
