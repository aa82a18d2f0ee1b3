import { fakeClock, pod } from '@aad-pod-identity/testing';
import { readyz } from '../../src/readiness.ts';
import { syncedWatches } from '../synced-watches.ts';

/** As long as the program waits (`program.ts`). */
const STALE_MS = 180_000;

it('11: a stalled watch means not ready, also when one opens after the other and none says anything', async () => {
  const clock = fakeClock();
  const { kube, watches, close } = await syncedWatches(clock);
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
