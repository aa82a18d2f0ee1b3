import { done, expectFailure, failure } from '../answers.ts';
import type { Api } from '../api.ts';
import type { Watch } from '../http.ts';
import { CONFIG_MAPS, configMap, JSON_PATCH, LEASES, lease, MERGE } from '../objects.ts';
import { installWidgets } from '../widgets.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, matching, textAt, told } from '../values.ts';

const make = (api: Api, name: string, labels: object = {}) =>
  done(api, `POST ${LEASES}`, lease(name, {}, { labels: { ...labels } }));
const label = (api: Api, name: string, labels: object) =>
  done(api, `PATCH ${LEASES}/${name}`, { metadata: { labels } }, MERGE);
const now = async (api: Api): Promise<string> => textAt(await done(api, `GET ${LEASES}`), 'metadata.resourceVersion');

/** The next events of a watch on leases, told by type and name. */
async function events(api: Api, query: string, count: number, work: () => Promise<unknown> = () => Promise.resolve()) {
  const watch = await api.watch(`${LEASES}?watch=true&${query}`);
  try {
    await work();
    const seen: string[] = [];
    while (seen.length < count) seen.push(told(await watch.next()));
    return seen;
  } finally {
    watch.close();
  }
}

async function first(api: Api, query: string, work: () => Promise<unknown> = () => Promise.resolve(), path = LEASES) {
  const watch = await api.watch(`${path}?watch=true&${query}`);
  try {
    await work();
    return { status: watch.status, event: await watch.next() };
  } finally {
    watch.close();
  }
}

/** What comes until the end, but for bookmarks: there may be more than one. */
async function rest(watch: Watch): Promise<string[]> {
  const seen: string[] = [];
  for (let event = await watch.next(); event !== undefined; event = await watch.next()) {
    if (event.type !== 'BOOKMARK') seen.push(told(event));
  }
  return seen;
}

const live = async (api: Api) => {
  await make(api, 'b');
  await label(api, 'b', { x: 'y' });
  await done(api, `DELETE ${LEASES}/b`);
};

export const watches: Cases = {
  'a watch from a version tells what came after it, in order': async (api) => {
    await make(api, 'a');
    const from = await now(api);
    await make(api, 'b');
    const seen = await events(api, `resourceVersion=${from}`, 4, async () => {
      await label(api, 'a', { x: 'y' });
      await done(api, `DELETE ${LEASES}/b`);
      await make(api, 'c');
    });
    expect(seen).toEqual(['ADDED b', 'MODIFIED a', 'DELETED b', 'ADDED c']);
  },
  'a watch without a version begins with all there is': async (api) => {
    await make(api, 'a');
    expect(await events(api, '', 4, () => live(api))).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED b']);
  },
  'so does one from version 0': async (api) => {
    await make(api, 'a');
    const seen = await events(api, 'resourceVersion=0', 4, () => live(api));
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED b']);
  },
  'events carry whole objects': async (api) => {
    const created = await make(api, 'a');
    const { event } = await first(api, '');
    expect(event).toEqual({ type: 'ADDED', object: created });
  },
  'the last state of a deleted object has the version of its end': async (api) => {
    const created = await make(api, 'a');
    const from = await now(api);
    const { event } = await first(api, `resourceVersion=${from}`, () => done(api, `DELETE ${LEASES}/a`));
    expect(event?.type).toBe('DELETED');
    expect(at(event?.object, 'metadata.uid')).toBe(at(created, 'metadata.uid'));
    expect(Number(textAt(event?.object, 'metadata.resourceVersion'))).toBeGreaterThan(Number(from));
  },
  'an object that leaves a selection is deleted to its watcher, as it last was in it': async (api) => {
    const watch = await api.watch(`${LEASES}?watch=true&resourceVersion=${await now(api)}&labelSelector=app`);
    await make(api, 'a');
    await label(api, 'a', { app: 'x' });
    const after = await label(api, 'a', { app: null });
    await label(api, 'a', { app: 'z' });
    expect(told(await watch.next())).toBe('ADDED a');
    const gone = await watch.next();
    expect(told(gone)).toBe('DELETED a');
    expect(at(gone?.object, 'metadata.labels')).toEqual({ app: 'x' });
    expect(at(gone?.object, 'metadata.resourceVersion')).toBe(at(after, 'metadata.resourceVersion'));
    expect(told(await watch.next())).toBe('ADDED a');
    watch.close();
  },
  'one object can be watched by its name': async (api) => {
    const query = `resourceVersion=${await now(api)}&fieldSelector=metadata.name=b`;
    expect(
      await events(api, query, 3, async () => {
        await make(api, 'a');
        await live(api);
      }),
    ).toEqual(['ADDED b', 'MODIFIED b', 'DELETED b']);
  },
  'asked for at the path of one object it is a plain read': async (api) => {
    const created = await make(api, 'a');
    expect(await done(api, `GET ${LEASES}/a?watch=true`)).toEqual(created);
  },
  'one that asks for bookmarks gets one before its time is up, and then the end': async (api) => {
    const from = await now(api);
    const watch = await api.watch(
      `${LEASES}?watch=true&resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=3`,
    );
    await make(api, 'a');
    expect(told(await watch.next())).toBe('ADDED a');
    const event = await watch.next();
    expect(event).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' } });
    expect(at(event?.object, 'metadata')).toEqual({ resourceVersion: matching(/^\d+$/) });
    expect(Number(textAt(event?.object, 'metadata.resourceVersion'))).toBeGreaterThan(Number(from));
    expect(await rest(watch)).toEqual([]);
  },
  'one that does not ask for bookmarks ends without a word': async (api) => {
    const watch = await api.watch(`${LEASES}?watch=true&resourceVersion=${await now(api)}&timeoutSeconds=3`);
    expect(await watch.next()).toBeUndefined();
  },
  'a version that is forgotten is told by an ERROR event of status 410': async (api) => {
    const { path } = await installWidgets(api);
    await api.compact();
    const watch = await api.watch(`${path}?watch=true&resourceVersion=1`);
    expect(watch.status).toBe(200);
    expect(await watch.next()).toEqual({
      type: 'ERROR',
      object: failure(410, 'Expired', matching(/^too old resource version: 1 \(\d+\)$/)),
    });
    expect(await watch.next()).toBeUndefined();
  },
  'the end of the initial events is told by a bookmark of its own': async (api) => {
    await make(api, 'a');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await api.watch(`${LEASES}?watch=true&${query}`);
    expect(told(await watch.next())).toBe('ADDED a');
    const end = await watch.next();
    expect(end?.type).toBe('BOOKMARK');
    expect(at(end?.object, 'metadata.annotations')).toEqual({ 'k8s.io/initial-events-end': 'true' });
    await make(api, 'b');
    expect(told(await watch.next())).toBe('ADDED b');
    watch.close();
  },
  'initial events may be declined': async (api) => {
    await make(api, 'a');
    const query = 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    expect(await events(api, query, 1, () => make(api, 'b'))).toEqual(['ADDED b']);
  },
  'a deletion that waits for a finalizer is a modification first': async (api) => {
    await done(api, `POST ${LEASES}`, lease('a', {}, { finalizers: ['example.com/wait'] }));
    const seen = await events(api, `resourceVersion=${await now(api)}`, 2, async () => {
      await done(api, `DELETE ${LEASES}/a`);
      await done(api, `PATCH ${LEASES}/a`, [{ op: 'remove', path: '/metadata/finalizers' }], JSON_PATCH);
    });
    expect(seen).toEqual(['MODIFIED a', 'DELETED a']);
  },
  'events may be tables, with the columns in the first one only': async (api) => {
    await make(api, 'a');
    const watch = await api.watch(`${LEASES}?watch=true`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await make(api, 'b');
    const [one, two] = [await watch.next(), await watch.next()];
    watch.close();
    expect(one?.object).toMatchObject({ kind: 'Table', rows: [{ cells: ['a', '', anyText] }] });
    expect(at(one?.object, 'columnDefinitions.0.name')).toBe('Name');
    expect(two?.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: null,
      rows: [{ cells: ['b', '', anyText] }],
    });
  },
  'watches of two kinds do not hear each other': async (api) => {
    const from = await now(api);
    await done(api, `POST ${CONFIG_MAPS}`, configMap('other'));
    expect(await events(api, `resourceVersion=${from}`, 1, () => make(api, 'mine'))).toEqual(['ADDED mine']);
  },
  'a version that is no number is refused': async (api) => {
    const why = 'Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
    const reply = await api.call(`GET ${LEASES}?watch=true&resourceVersion=abc`);
    expectFailure(reply, 500, '', `resourceVersion: ${why}`);
  },
  'initial events without their match are refused': async (api) => {
    const reply = await api.call(`GET ${LEASES}?watch=true&sendInitialEvents=true`);
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'message')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  },
  'a match without initial events is refused': async (api) => {
    const reply = await api.call(`GET ${LEASES}?watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=1`);
    expect(reply.status).toBe(422);
    expect(at(reply.body, 'message')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  },
};
