import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster } from '@aad-pod-identity/cluster';
import { startChild } from '../children.ts';

const here = dirname(fileURLToPath(import.meta.url));
const CRDS = join(here, '../../../../charts/aad-pod-identity/crds');

export const SERVERS = ['simulator', 'real'] as const;

export interface ApiServer {
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string;
  readonly end: () => Promise<void>;
}

async function simulated(folder: string, signal: AbortSignal): Promise<ApiServer> {
  const child = startChild(join(here, 'kubernetes.ts'), {}, [], signal);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, (await child.message()) as string);
  return { kubeconfig, end: () => child.end() };
}

/** etcd, kube-apiserver and kube-controller-manager. The latter makes service accounts, which pods need. */
async function real(): Promise<ApiServer> {
  const print = (line: string) => process.stderr.write(`${line}\n`);
  const cluster = await startCluster({ profile: 'control-plane', name: `bench-mic-${process.pid}`, print });
  execFileSync(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfig, 'apply', '-f', CRDS]);
  return { kubeconfig: cluster.kubeconfig, end: () => cluster.stop() };
}

/** An API server of the bench's own with our CRDs. */
export function startApiServer(which: string, folder: string, signal: AbortSignal): Promise<ApiServer> {
  return which === 'real' ? real() : simulated(folder, signal);
}
