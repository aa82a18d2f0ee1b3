import { fakeClock } from '../../src/index.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call, openWatch, told } from './call.ts';
import { podObject, PODS } from './samples.ts';
import { containing, withFields, withItems } from './matchers.ts';

describe('watches', () => {
  const clock = fakeClock();
  let simulator: KubernetesSimulator;
  let watch: Awaited<ReturnType<typeof openWatch>>;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ clock, bookmarkIntervalMs: 1000 });
  });
  afterEach(async () => {
    watch.close();
    await simulator.close();
  });

  const open = async (query: string, accept?: string) => {
    watch = await openWatch(simulator, `${PODS}?watch=true&${query}`, accept);
    return watch;
  };
  const revision = async (): Promise<string> =>
    stringAt((await call(simulator, `GET ${PODS}`)).body, 'metadata', 'resourceVersion');

  it.each(['', 'resourceVersion=0'])('begins with all that exists when started with "%s"', async (query) => {
    simulator.state.create(podObject('a'));
    const { next } = await open(query);
    simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { labels: { x: 'y' } } });
    simulator.state.delete('v1', 'Pod', 'default', 'a');
    expect([told(await next()), told(await next()), told(await next())]).toEqual([
      'ADDED a',
      'MODIFIED a',
      'DELETED a',
    ]);
  });

  it('tells what came after a version, in order', async () => {
    simulator.state.create(podObject('old'));
    const from = await revision();
    simulator.state.create(podObject('a'));
    simulator.state.create(podObject('b'));
    const { next } = await open(`resourceVersion=${from}`);
    simulator.state.create(podObject('c'));
    expect([told(await next()), told(await next()), told(await next())]).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
  });

  it('gives a deleted object the revision of its end', async () => {
    const created = simulator.state.create(podObject('a'));
    const { next } = await open(`resourceVersion=${await revision()}`);
    simulator.state.delete('v1', 'Pod', 'default', 'a');
    const event = await next();
    expect(Number(stringAt(event?.object, 'metadata', 'resourceVersion'))).toBeGreaterThan(
      Number(created.metadata.resourceVersion),
    );
  });

  it('tells a selective watcher of objects that enter and leave its selection', async () => {
    const { next } = await open(`resourceVersion=${await revision()}&labelSelector=app`);
    simulator.state.create(podObject('a'));
    simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { labels: { app: 'x' } } });
    simulator.state.patch('v1', 'Pod', 'default', 'a', { metadata: { labels: { app: null } } });
    expect(told(await next())).toBe('ADDED a');
    const gone = await next();
    expect(told(gone)).toBe('DELETED a');
    expect(recordAt(gone?.object, 'metadata', 'labels')).toEqual({ app: 'x' });
  });

  it('sends bookmarks to those who ask for them', async () => {
    const { next } = await open(`resourceVersion=${await revision()}&allowWatchBookmarks=true`);
    await clock.advance(1000);
    expect(await next()).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { resourceVersion: await revision() },
      },
    });
  });

  it('ends when its time is up', async () => {
    const { next } = await open(`resourceVersion=${await revision()}&timeoutSeconds=5`);
    await clock.advance(5000);
    expect(await next()).toBeUndefined();
  });

  it('answers an expired version with one ERROR event of status 410', async () => {
    const from = await revision();
    simulator.state.compact();
    const { next, status } = await open(`resourceVersion=${from}`);
    expect(status).toBe(200);
    expect(await next()).toMatchObject({
      type: 'ERROR',
      object: {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        message: containing('too old resource version'),
      },
    });
    expect(await next()).toBeUndefined();
  });

  it('tells the end of the initial events by a bookmark', async () => {
    simulator.state.create(podObject('a'));
    const { next } = await open('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    expect(told(await next())).toBe('ADDED a');
    expect(recordAt((await next())?.object, 'metadata', 'annotations')).toEqual({
      'k8s.io/initial-events-end': 'true',
    });
  });

  it('refuses initial events without their match', async () => {
    await open('');
    const { status, body } = await call(simulator, `GET ${PODS}?watch=1&sendInitialEvents=true`);
    expect(status).toBe(422);
    expect(body.message).toContain('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  });

  it('carries tables, with the columns in the first one only', async () => {
    simulator.state.create(podObject('a'));
    const { next } = await open('', 'application/json;as=Table;v=v1;g=meta.k8s.io');
    simulator.state.create(podObject('b'));
    const first = await next();
    const second = await next();
    expect(first?.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: withItems(withFields({ name: 'Ready' })),
    });
    expect(second?.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: null,
      rows: [{ cells: withItems('b') }],
    });
  });

  it('watches one object by its name', async () => {
    const { next } = await open(`resourceVersion=${await revision()}&fieldSelector=metadata.name=b`);
    simulator.state.create(podObject('a'));
    simulator.state.create(podObject('b'));
    expect(told(await next())).toBe('ADDED b');
  });
});
