import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Cluster } from '@aad-pod-identity/cluster';

/** `kubectl port-forward` to a pod. @returns the URL of this end, and what ends it */
export async function portForward(
  { kubectlPath, kubeconfig }: Cluster,
  pod: string,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const args = ['--kubeconfig', kubeconfig, 'port-forward', `pod/${pod}`, `:${port}`, '--address=127.0.0.1'];
  const child = spawn(kubectlPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.kill()) await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /Forwarding from (\S+) ->/.exec(line) ?? [];
    if (address === undefined) continue;
    child.stdout.resume();
    return { url: `http://${address}/`, stop };
  }
  throw new Error(`port-forward to ${pod} ended before it was there`);
}
