import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cluster } from '@aad-pod-identity/cluster';

export interface ClientInPod {
  readonly pod: string;
  readonly namespace?: string;
  /** A program of Node that prints a line once it has begun, and what it saw, as JSON, when its input ends. */
  readonly script: string;
  readonly args?: readonly string[];
}

/** Runs a client inside a pod; resolves once it has begun. @returns what ends it, and gives what it saw */
export async function startClientInPod<Seen>(
  { kubectlPath, kubeconfig }: Cluster,
  { pod, namespace = 'default', script, args = [] }: ClientInPod,
): Promise<() => Promise<Seen>> {
  const inPod = ['-n', namespace, 'exec', '-i', pod, '--', 'node', '-e', script, '--', ...args];
  const child = spawn(kubectlPath, ['--kubeconfig', kubeconfig, ...inPod], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the client in pod ${pod} has ended`);
    return line.value;
  };
  await next();
  return async () => {
    child.stdin.end();
    return JSON.parse(await next()) as Seen;
  };
}
