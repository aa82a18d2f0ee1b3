import {
  configMaps,
  createEventRecorder,
  createLeaderElector,
  createReflector,
  events,
  leases,
  namespacedName,
  Store,
} from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import type { Api } from '../api.ts';
import { configMap } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { at } from '../values.ts';

const clock = systemClock;
const logger = silentLogger;
const place = (api: Api) => ({ namespace: api.namespace });
const ref = (api: Api, name = 'a') => ({ namespace: api.namespace, name });
const make = (api: Api, name = 'a', data = {}, metadata = {}) =>
  api.client.create(configMaps, place(api), configMap(name, data, metadata));

const sizeOf = (store: Store<unknown>, size: number) =>
  store.waitFor(() => (store.size === size ? true : undefined), { clock, timeoutMs: 10_000 });

async function reflected(api: Api, work: (store: Store<unknown>) => Promise<void>): Promise<void> {
  const store = new Store<unknown>({ key: (object) => namespacedName(at(object, 'metadata') as { name: string }) });
  const stop = new AbortController();
  const what = { resource: configMaps, namespace: api.namespace, labelSelector: 'of=case' };
  const reflector = createReflector({ ...what, client: api.client, clock, logger, store, slim: (raw) => raw });
  const run = reflector.run(stop.signal);
  try {
    await reflector.whenSynced();
    await work(store);
  } finally {
    stop.abort(new Error('over'));
    await run.catch(() => undefined);
  }
}

export const clientLoops: Cases = {
  'a reflector fills its store and follows': async (api) => {
    await make(api, 'a', {}, { labels: { of: 'case' } });
    await reflected(api, async (store) => {
      expect(store.size).toBe(1);
      await make(api, 'b', {}, { labels: { of: 'case' } });
      await sizeOf(store, 2);
      await api.client.delete(configMaps, ref(api));
      await sizeOf(store, 1);
    });
  },
  'one of several leads, and gives the lease back': async (api) => {
    const led: string[] = [];
    const elect = (identity: string) =>
      createLeaderElector({
        client: api.client,
        ...ref(api, 'lock'),
        identity,
        durationMs: 2000,
        clock,
        logger,
        onStarted: () => {
          led.push(identity);
          return Promise.resolve();
        },
      }).run(new AbortController().signal);
    await Promise.all(['one', 'two'].map(elect));
    expect(led.toSorted()).toEqual(['one', 'two']);
    const lease = await api.client.get(leases, ref(api, 'lock'));
    expect(lease).toMatchObject({ spec: { holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 1 } });
  },
  'events are written and counted': async (api) => {
    const recorder = createEventRecorder({ client: api.client, component: 'contract', clock, logger });
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: api.namespace, name: 'p', uid: 'u' };
    const event = { regarding, type: 'Normal', reason: 'Happened', message: 'it did' } as const;
    recorder.record(event);
    await recorder.flush();
    recorder.record(event);
    await recorder.flush();
    const { items } = await api.client.list(events, place(api));
    expect(items).toMatchObject([
      {
        reason: 'Happened',
        message: 'it did',
        count: 2,
        source: { component: 'contract' },
        involvedObject: { name: 'p', uid: 'u' },
      },
    ]);
  },
};
