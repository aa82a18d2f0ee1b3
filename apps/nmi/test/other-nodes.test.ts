import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { connect, type KubeClient, type WatchStream } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { pod } from '@aad-pod-identity/testing';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { createWatches } from '../src/stores.ts';

/** `client`, whose watches are listened to. */
function overheard(client: KubeClient, hear: (text: string) => void): KubeClient {
  async function* listen(stream: WatchStream) {
    for await (const chunk of stream) {
      hear(chunk.toString('utf8'));
      yield chunk;
    }
  }
  return { ...client, watch: async (...call) => listen(await client.watch(...call)) };
}

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'nmi-other-nodes-'));
  const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
  const kube = await startKubernetesSimulator({ crds });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kube.kubeconfig());
  const common = { clock: systemClock, logger: silentLogger };
  const client = await connect({ ...common, kubeconfig, env: {}, userAgent: 'test' });
  let heard = '';
  const watches = createWatches({
    ...{ ...common, node: 'node-0', withRecords: true, recordsOfNode: true, namespaceSettings: '' },
    client: overheard(client, (text) => {
      heard += text;
    }),
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
  return { kube, pods: watches.stores.pods, heard: () => heard, signal: stopping.signal, close };
}

it('an event of a pod on another node costs nothing: not a byte of it comes', async () => {
  const { kube, pods, heard, signal, close } = await setUp();
  for (let nth = 0; nth < 20; nth++) kube.state.create(pod({ name: `elsewhere-${nth}`, node: 'node-1' }));
  kube.state.create(pod({ name: 'here', node: 'node-0' }));
  const here = () => [...pods.list()].find(({ name }) => name === 'here');
  await expect(pods.waitFor(here, { timeoutMs: 20_000, signal, clock: systemClock })).resolves.toBeDefined();
  expect(heard()).toContain('"here"');
  expect(heard()).not.toContain('elsewhere');
  await close();
});
