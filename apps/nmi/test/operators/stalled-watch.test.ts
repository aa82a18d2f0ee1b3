import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { connect } from '@aad-pod-identity/kube';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock, pod } from '@aad-pod-identity/testing';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { readyz } from '../../src/readiness.ts';
import { createWatches } from '../../src/stores.ts';

/** As long as the program waits (`program.ts`). */
const STALE_MS = 180_000;

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'nmi-stalled-'));
  const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
  const kube = await startKubernetesSimulator({ crds });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kube.kubeconfig());
  const clock = fakeClock();
  const common = { clock, logger: silentLogger };
  const client = await connect({ ...common, kubeconfig, env: {}, userAgent: 'test' });
  const watches = createWatches({
    ...common,
    client,
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
  return { kube, clock, watches, close };
}

it('11: a stalled watch means not ready, also when one opens after the other and none says anything', async () => {
  const { kube, clock, watches, close } = await setUp();
  const ready = () =>
    readyz({
      ...{ rulesInPlace: () => true, redirectionProblem: () => undefined },
      ...{ listenerAnswers: () => Promise.resolve(true), staleWatches: () => watches.stale(STALE_MS) },
    });
  const opened = () => kube.requests.filter(({ path, query }) => path.endsWith('/pods') && query.includes('watch='));
  while (opened().length === 0) await clock.advance(1);
  kube.faults.add({ path: /\/pods$/, watch: true, times: 1_000, action: { kind: 'silence' } });
  kube.silenceWatches(/\/pods$/);
  expect((await ready()).status).toBe(200);
  while ((await ready()).status === 200) await clock.advance(5_000);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(STALE_MS);
  while (opened().length < 3) await clock.advance(5_000);
  expect((await ready()).body).toContain('not fresh: pods');

  kube.faults.clear();
  kube.state.create(pod());
  while (!watches.stores.pods.get('default/demo')) await clock.advance(5_000);
  // A list may have brought it; what comes by a watch shows that they are well again.
  for (let count = 0; watches.stale(STALE_MS).includes('pods'); count++) {
    kube.state.create(pod({ name: `more-${count}` }));
    await clock.advance(5_000);
  }
  expect(watches.stale(STALE_MS)).not.toContain('pods');
  await close();
});
