import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger, type Logger } from '@aad-pod-identity/telemetry';
import { createReflector, namespacedName, pods, Store, type Reflector, type ReflectorOptions } from '../src/index.ts';
import {
  connectToSimulator,
  podObject,
  until,
  type Action,
  type Connected,
  type SimulatorOptions,
} from './connected.ts';

interface Slim {
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
}

interface RawPod {
  metadata: { name: string; namespace: string; labels?: { app?: string } };
}

const slim = (raw: unknown): Slim | undefined => {
  const { name, namespace, labels } = (raw as RawPod).metadata;
  return labels?.app === 'hidden' ? undefined : { name, namespace, app: labels?.app ?? '' };
};

interface Watching extends Connected {
  readonly store: Store<Slim>;
  readonly reflector: Reflector;
  readonly heard: string[];
  readonly failures: string[];
  readonly lists: () => number;
  readonly watches: () => number;
  stop(): Promise<void>;
}

let running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.map((each) => each.close()));
  running = [];
});

async function watching(
  { names = ['a'], ...simulatorOptions }: SimulatorOptions & { names?: readonly string[] } = {},
  options: Partial<ReflectorOptions<Slim>> = {},
): Promise<Watching> {
  const on = await connectToSimulator({ bookmarkIntervalMs: 50, ...simulatorOptions });
  for (const name of names) on.simulator.state.create(podObject(name, { app: 'x' }));
  const store = new Store<Slim>({ key: namespacedName });
  const heard: string[] = [];
  const failures: string[] = [];
  store.subscribe(({ type, key }) => heard.push(`${type} ${key}`));
  const reflector = createReflector<Slim>({
    ...{ client: on.client, resource: pods, slim, store, clock: systemClock, logger: silentLogger, random: () => 0 },
    metrics: { failed: (_resource, during, code) => failures.push(`${during} ${code}`) },
    ...options,
  });
  const stopping = new AbortController();
  const ended = reflector.run(stopping.signal);
  const stop = () => {
    stopping.abort(new Error('stop'));
    return ended;
  };
  const count = (isWatch: boolean) => () =>
    on.simulator.requests.filter(({ path, query }) => path.endsWith('/pods') && query.includes('watch=') === isWatch)
      .length;
  const close = async () => {
    await stop();
    await on.close();
  };
  running.push({ close });
  await reflector.whenSynced();
  const watches = count(true);
  await until(() => watches() > 0);
  return { ...on, store, reflector, heard, failures, lists: count(false), watches, stop };
}

const has = ({ store }: Watching, name: string) => store.get(`default/${name}`) !== undefined;

it('lists what is there, slimmed, and then hears of every change', async () => {
  const on = await watching({ names: ['a', 'b'] });
  on.simulator.state.create(podObject('c', { app: 'y' }));
  on.simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { labels: { app: 'z' } } });
  on.simulator.state.delete('v1', 'Pod', 'default', 'b');
  await until(() => on.heard.length === 5);
  expect(on.heard).toEqual([
    'added default/a',
    'added default/b',
    'added default/c',
    'modified default/a',
    'deleted default/b',
  ]);
  expect(on.store.get('default/a')).toEqual({ name: 'a', namespace: 'default', app: 'z' });
  expect([on.lists(), on.watches()]).toEqual([1, 1]);
});

it('a large list comes in pages', async () => {
  const on = await watching({ names: Array.from({ length: 1_201 }, (_, index) => `p${index}`) });
  expect([on.store.size, on.lists()]).toEqual([1_201, 3]);
});

it('an object that is kept out disappears from the store', async () => {
  const on = await watching();
  on.simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { labels: { app: 'hidden' } } });
  await until(() => on.heard.includes('deleted default/a'));
});

it('an object that cannot be read is left out, and the others come', async () => {
  const on = await watching(
    {},
    {
      slim: (raw) => {
        if ((raw as RawPod).metadata.name === 'bad') throw new TypeError('unreadable');
        return slim(raw);
      },
    },
  );
  on.simulator.state.create(podObject('bad'));
  on.simulator.state.create(podObject('good'));
  await until(() => has(on, 'good'));
  expect(has(on, 'bad')).toBe(false);
});

it('a change that the slim form does not show is no change', async () => {
  const on = await watching();
  on.simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { annotations: { seen: 'yes' } } });
  on.simulator.state.create(podObject('after'));
  await until(() => has(on, 'after'));
  expect(on.heard).toEqual(['added default/a', 'added default/after']);
});

it('a listener that throws stops nothing', async () => {
  const errors: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message: string) => errors.push(message) };
  const on = await watching({}, { logger });
  on.store.subscribe(() => {
    throw new Error('mine');
  });
  on.simulator.state.create(podObject('b'));
  on.simulator.state.create(podObject('c'));
  await until(() => has(on, 'c'));
  expect(errors).toEqual(['listener of the store failed', 'listener of the store failed']);
  expect(on.watches()).toBe(1);
});

it('objects of 1 MB arrive whole', async () => {
  const on = await watching(
    {},
    {
      slim: (raw) =>
        ({
          ...slim(raw),
          app: String((raw as { metadata: { annotations?: { big?: string } } }).metadata.annotations?.big?.length),
        }) as Slim,
    },
  );
  on.simulator.state.create(podObject('big', {}, { big: 'ü'.repeat(1_000_000) }));
  await until(() => has(on, 'big'));
  expect(on.store.get('default/big')?.app).toBe('1000000');
});

describe('what goes wrong with a watch', () => {
  /** The next watch that is opened suffers it. */
  const faults: Record<string, Action> = {
    'the connection is reset in the middle of an object': { kind: 'reset', afterBytes: 200 },
    'the answer ends in the middle of an object': { kind: 'truncate', afterBytes: 200 },
    'the connection is reset before an answer': { kind: 'reset' },
    'the server answers 500': { kind: 'status', status: 500 },
    'the server throttles': { kind: 'status', status: 429, retryAfterSeconds: 1 },
    'the server answers 410': { kind: 'status', status: 410 },
    'the server sends a 410 as an event': { kind: 'watchError', status: 410 },
    'the server sends a 500 as an event': { kind: 'watchError', status: 500 },
  };

  it.each(Object.entries(faults))('%s: nothing is lost and nothing comes twice', async (_sentence, action) => {
    const on = await watching({ names: ['a', 'b'] });
    on.simulator.faults.add({ path: /\/pods$/, watch: true, action });
    on.simulator.resetConnections();
    on.simulator.state.delete('v1', 'Pod', 'default', 'b');
    on.simulator.state.create(podObject('c'));
    await until(() => has(on, 'c') && !has(on, 'b'));
    on.simulator.state.create(podObject('d'));
    await until(() => has(on, 'd'));
    expect([...on.heard].sort()).toEqual(
      ['added default/a', 'added default/b', 'added default/c', 'added default/d', 'deleted default/b'].sort(),
    );
    expect(on.reflector.synced).toBe(true);
  });

  it('after a 410 everything is listed anew, and what is unchanged makes no noise', async () => {
    const on = await watching({ names: ['a', 'b', 'c'] });
    on.simulator.faults.add({ path: /\/pods$/, watch: true, action: { kind: 'watchError', status: 410 } });
    on.simulator.resetConnections();
    await until(() => on.lists() === 2);
    on.simulator.state.create(podObject('d'));
    await until(() => has(on, 'd'));
    expect(on.heard).toEqual(['added default/a', 'added default/b', 'added default/c', 'added default/d']);
  });

  it('a history that was thrown away is noticed: what happened meanwhile is found by a new list', async () => {
    const on = await watching({ names: ['a', 'b'] });
    await on.simulator.stop();
    on.simulator.state.delete('v1', 'Pod', 'default', 'a');
    on.simulator.state.compact();
    await on.simulator.start();
    await until(() => !has(on, 'a'));
    expect(on.lists()).toBeGreaterThanOrEqual(2);
  });

  it('bookmarks keep the version fresh: the next watch goes on from what happened to other kinds meanwhile', async () => {
    const on = await watching();
    let latest: string | undefined;
    for (let times = 0; times < 50; times++) {
      const noise = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: `noise-${times}` } };
      latest = on.simulator.state.create(noise).metadata.resourceVersion;
    }
    // One or two bookmarks from before may still be on their way.
    for (let seen = 0; seen < 4; seen++) {
      const contact = on.reflector.lastContact();
      await until(() => on.reflector.lastContact() > contact);
    }
    on.simulator.resetConnections();
    await until(() => on.watches() === 2);
    const second = on.simulator.requests.filter(({ query }) => query.includes('watch=')).at(-1);
    expect(second?.query).toContain(`resourceVersion=${latest ?? 'none'}&`);
  });

  it('a connection that has fallen silent is given up and replaced', async () => {
    const on = await watching({}, { idleMs: 300 });
    on.simulator.silenceWatches();
    on.simulator.state.create(podObject('b'));
    await until(() => has(on, 'b'));
    expect(on.failures).toContain('watch timeout');
  });

  it('watches that open and then say nothing, one after the other, are no sign of life', async () => {
    const on = await watching({ bookmarkIntervalMs: 3_600_000 }, { idleMs: 100 });
    on.simulator.faults.add({ watch: true, times: 1_000, action: { kind: 'silence' } });
    await until(() => on.watches() === 2);
    const contact = on.reflector.lastContact();
    await until(() => on.watches() === 4);
    expect(on.reflector.lastContact()).toBe(contact);
    on.simulator.faults.clear();
    const names = Array.from({ length: 1_000 }, (_, index) => `more-${index}`).values();
    await until(() => {
      on.simulator.state.create(podObject(names.next().value ?? ''));
      return on.reflector.lastContact() > contact;
    });
    expect(has(on, 'more-0')).toBe(true);
  });

  it('where one watch after the other opens and says nothing, a new list tells what has happened', async () => {
    const on = await watching({ bookmarkIntervalMs: 3_600_000 }, { idleMs: 100 });
    on.simulator.faults.add({ watch: true, times: Infinity, action: { kind: 'silence' } });
    on.simulator.silenceWatches();
    on.simulator.state.create(podObject('b'));
    on.simulator.state.delete('v1', 'Pod', 'default', 'a');
    await until(() => has(on, 'b') && !has(on, 'a'));
    expect(on.lists()).toBe(2);
    on.simulator.state.create(podObject('c'));
    await until(() => has(on, 'c'));
  });

  it('a watch that has failed and opens again speaks for the store from its first bookmark on', async () => {
    const on = await watching({ bookmarkIntervalMs: 500 });
    await until(() => on.reflector.standing().confirmedAt > -Infinity);
    on.simulator.resetConnections();
    await until(() => on.watches() === 2);
    const { confirmedAt, broken } = on.reflector.standing();
    expect(broken).toBe(true);
    await until(() => !on.reflector.standing().broken);
    expect(on.reflector.standing().confirmedAt).toBeGreaterThan(confirmedAt);
  });

  it('a server that restarts is found again', async () => {
    const on = await watching();
    await on.simulator.stop();
    await until(() => on.failures.length > 0);
    await on.simulator.start();
    on.simulator.state.create(podObject('b'));
    await until(() => has(on, 'b'));
  });

  it('an expired token does not end the watching for good', async () => {
    const on = await watching({ token: 'old-token' });
    on.simulator.tokens.revoke();
    on.simulator.resetConnections();
    await until(() => on.failures.includes('watch unauthorized'));
    on.simulator.tokens.accept('old-token');
    on.simulator.state.create(podObject('b'));
    await until(() => has(on, 'b'));
  });
});

describe('refreshed', () => {
  const never = new AbortController().signal;

  it('it has what a dead connection did not bring, without a new list', async () => {
    const on = await watching();
    on.simulator.silenceWatches();
    on.simulator.state.create(podObject('b'));
    on.simulator.state.delete('v1', 'Pod', 'default', 'a');
    await on.reflector.refresh(never);
    expect([has(on, 'a'), has(on, 'b'), on.lists(), on.watches()]).toEqual([false, true, 1, 2]);
    expect(on.failures).toEqual([]);
  });

  it('it waits for a server that is away, and not for the time to the next try', async () => {
    const on = await watching();
    on.simulator.faults.add({ watch: true, times: Infinity, action: { kind: 'status', status: 503 } });
    on.simulator.resetConnections();
    await until(() => on.failures.length >= 4);
    on.simulator.state.create(podObject('b'));
    let refreshed = false;
    const ended = on.reflector.refresh(never).then(() => (refreshed = true));
    await until(() => on.failures.length >= 5);
    expect([refreshed, has(on, 'b')]).toEqual([false, false]);
    on.simulator.faults.clear();
    await ended;
    expect(has(on, 'b')).toBe(true);
  });

  it('whoever waits for it may give up', async () => {
    const on = await watching();
    on.simulator.faults.add({ times: Infinity, action: { kind: 'silence' } });
    const stop = new AbortController();
    const waiting = on.reflector.refresh(stop.signal);
    stop.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
  });
});

describe('what goes wrong with a list', () => {
  const faults: Record<string, Action> = {
    'a 500': { kind: 'status', status: 500 },
    'a reset in the middle': { kind: 'reset', afterBytes: 100 },
    'a 410 of the continuation': { kind: 'status', status: 410 },
    'a 429': { kind: 'status', status: 429, retryAfterSeconds: 1 },
  };

  it.each(Object.entries(faults))('%s: it is listed again, whole', async (_sentence, action) => {
    const on = await watching({ names: Array.from({ length: 501 }, (_, index) => `p${index}`) });
    on.simulator.faults.add({ path: /\/pods$/, watch: true, action: { kind: 'watchError', status: 410 } });
    on.simulator.faults.add({ path: /\/pods$/, watch: false, action });
    on.simulator.resetConnections();
    on.simulator.state.delete('v1', 'Pod', 'default', 'p7');
    await until(() => !has(on, 'p7'));
    expect(on.store.size).toBe(500);
    expect(on.failures.some((failure) => failure.startsWith('list '))).toBe(true);
  });
});

it('stopped and started again, it finds what happened meanwhile', async () => {
  const on = await watching();
  await on.stop();
  on.simulator.state.delete('v1', 'Pod', 'default', 'a');
  const again = new AbortController();
  const ended = on.reflector.run(again.signal);
  await until(() => !has(on, 'a'));
  again.abort(new Error('stop'));
  await ended;
});

it('two runs at once are a mistake that says so', async () => {
  const on = await watching();
  await expect(on.reflector.run(new AbortController().signal)).rejects.toThrow('the reflector of pods already runs');
});

it('watches ask for an end after five to ten minutes, each at its own time', async () => {
  for (const [random, seconds] of [
    [0, 300],
    [0.5, 450],
    [0.999, 600],
  ] as const) {
    const on = await watching({}, { random: () => random });
    const watch = on.simulator.requests.find(({ query }) => query.includes('watch='));
    expect(watch?.query).toContain(`timeoutSeconds=${seconds}`);
    expect(watch?.query).toContain('allowWatchBookmarks=true');
  }
});

it('whoever waits for the first list may give up', async () => {
  const on = await connectToSimulator();
  running.push(on);
  on.simulator.faults.add({ times: Infinity, action: { kind: 'silence' } });
  const store = new Store<Slim>({ key: namespacedName });
  const options = { client: on.client, resource: pods, slim, store, clock: systemClock, logger: silentLogger };
  const reflector = createReflector<Slim>(options);
  const stop = new AbortController();
  const ended = reflector.run(stop.signal);
  const waiting = reflector.whenSynced(stop.signal);
  stop.abort(new Error('given up'));
  await expect(waiting).rejects.toThrow('given up');
  await ended;
  expect([reflector.synced, reflector.lastContact()]).toEqual([false, -Infinity]);
});
