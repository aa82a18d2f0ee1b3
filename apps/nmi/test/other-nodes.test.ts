import type { KubeClient, WatchStream } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { pod } from '@aad-pod-identity/testing';
import { syncedWatches } from './synced-watches.ts';

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

it('an event of a pod on another node costs nothing: not a byte of it comes', async () => {
  let heard = '';
  const hear = (text: string): void => {
    heard += text;
  };
  const { kube, watches, signal, close } = await syncedWatches(systemClock, (client) => overheard(client, hear));
  const { pods } = watches.stores;
  for (let nth = 0; nth < 20; nth++) kube.state.create(pod({ name: `elsewhere-${nth}`, node: 'node-1' }));
  kube.state.create(pod({ name: 'here', node: 'node-0' }));
  const here = () => [...pods.list()].find(({ name }) => name === 'here');
  await expect(pods.waitFor(here, { timeoutMs: 20_000, signal, clock: systemClock })).resolves.toBeDefined();
  expect(heard).toContain('"here"');
  expect(heard).not.toContain('elsewhere');
  await close();
});
