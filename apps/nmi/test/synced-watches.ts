import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { connect, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { createWatches } from '../src/stores.ts';

/** The watches of an NMI on `node-0`, synced with an API server that holds nothing yet; `wrap` comes between the two. */
export async function syncedWatches(clock: Clock, wrap: (client: KubeClient) => KubeClient = (client) => client) {
  const folder = mkdtempSync(join(tmpdir(), 'nmi-watches-'));
  const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
  const kube = await startKubernetesSimulator({ crds });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kube.kubeconfig());
  const common = { clock, logger: silentLogger };
  const client = await connect({ ...common, kubeconfig, env: {}, userAgent: 'test' });
  const watches = createWatches({
    ...common,
    client: wrap(client),
    node: 'node-0',
    withRecords: true,
    recordsOfNode: true,
    namespaceSettings: '',
  });
  const stopping = new AbortController();
  const tasks = Object.values(watches.tasks).map((task) => task(stopping.signal));
  await watches.whenSynced(stopping.signal);
  const close = async (): Promise<void> => {
    stopping.abort(new Error('the end'));
    await Promise.all(tasks);
    await client.close();
    await kube.close();
    rmSync(folder, { recursive: true });
  };
  return { kube, watches, signal: stopping.signal, close };
}
