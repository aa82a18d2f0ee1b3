import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { startKubernetesSimulator, type KubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectOptions, type KubeClient } from '../src/index.ts';

export type SimulatorOptions = NonNullable<Parameters<typeof startKubernetesSimulator>[0]>;
export type Action = Parameters<KubernetesSimulator['faults']['add']>[0]['action'];

/** A simulator and a client that is connected to it as a program would be, by a kubeconfig file. */
export interface Connected {
  readonly simulator: KubernetesSimulator;
  readonly client: KubeClient;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

export async function connectToSimulator(
  options: SimulatorOptions = {},
  clientOptions: Partial<ConnectOptions> = {},
): Promise<Connected> {
  const simulator = await startKubernetesSimulator(options);
  const folder = mkdtempSync(join(tmpdir(), 'kube-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, simulator.kubeconfig());
  const defaults = { kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test', qps: 0 };
  const client = await connect({ ...defaults, ...clientOptions });
  return {
    simulator,
    client,
    kubeconfig,
    close: async () => {
      await client.close();
      await simulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Waits for a condition that needs real time, such as an answer on loopback. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5);
}

export const podObject = (name: string, labels: Record<string, string> = {}, annotations?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name, labels, ...(annotations === undefined ? {} : { annotations }) },
  spec: { containers: [{ name: 'main', image: 'image' }] },
});
