import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { createReflector, namespacedName, type ObjectMeta, pods, Store } from '../src/index.ts';
import { connectToSimulator, podObject, until, type Connected } from './connected.ts';

interface Pod {
  metadata: ObjectMeta;
  spec?: object;
}

describe('a reflector that is told what its program reads', () => {
  let on: Connected;
  let store: Store<Pod>;
  let lists = 0;
  const stopping = new AbortController();
  let ended: Promise<void>;

  beforeAll(async () => {
    on = await connectToSimulator();
    on.simulator.state.create(podObject('listed', { app: 'x' }));
    store = new Store<Pod>({ key: ({ metadata }) => namespacedName(metadata) });
    const reflector = createReflector<Pod>({
      ...{ client: on.client, resource: pods, store, clock: systemClock, logger: silentLogger },
      fields: { metadata: { labels: true } },
      slim: (raw) => raw as Pod,
      metrics: { listed: () => lists++ },
    });
    ended = reflector.run(stopping.signal);
    await reflector.whenSynced();
    on.simulator.state.create(podObject('watched', { app: 'y' }));
    await until(() => store.size === 2);
  });

  afterAll(async () => {
    stopping.abort(new Error('stop'));
    await ended;
    await on.close();
  });

  it.each(['listed', 'watched'])('gets that, and what names the object, and nothing more: %s', (name) => {
    const { metadata, ...rest } = store.get(`default/${name}`) as Pod;
    expect(Object.keys(metadata).sort()).toEqual(['labels', 'name', 'namespace', 'resourceVersion']);
    expect(Object.keys(rest)).toEqual([]);
  });

  it('still learns what the server says in an ERROR event', async () => {
    on.simulator.faults.add({ path: /\/pods$/, watch: true, action: { kind: 'watchError', status: 410 } });
    on.simulator.resetConnections();
    await until(() => lists === 2);
  });
});
