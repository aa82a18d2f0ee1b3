import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call, MERGE, patch } from './call.ts';
import { CONFIG_MAPS, configMap, podObject, PODS } from './samples.ts';
import { anyText } from './matchers.ts';

const running = { ...podObject('p'), spec: { ...podObject('p').spec, nodeName: 'n1' }, status: { phase: 'Running' } };

describe('deletions', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator();
  });
  afterEach(() => simulator.close());

  it('answer with a Status that names what went', async () => {
    const { body: created } = await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c'));
    const { status, body } = await call(simulator, `DELETE ${CONFIG_MAPS}/c`);
    expect(status).toBe(200);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'c', kind: 'configmaps', uid: stringAt(created, 'metadata', 'uid') },
    });
    expect((await call(simulator, `GET ${CONFIG_MAPS}/c`)).status).toBe(404);
  });

  it('answer with the pod for pods, which go at once', async () => {
    simulator.state.create(running);
    expect((await call(simulator, `DELETE ${PODS}/p`)).body).toMatchObject({ kind: 'Pod', metadata: { name: 'p' } });
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeUndefined();
  });

  it('wait for finalizers, and end with the last one', async () => {
    await call(simulator, `POST ${CONFIG_MAPS}`, { metadata: { name: 'c', finalizers: ['a/b', 'c/d'] } });
    const { body } = await call(simulator, `DELETE ${CONFIG_MAPS}/c`);
    expect(recordAt(body, 'metadata')).toMatchObject({
      deletionTimestamp: anyText,
      deletionGracePeriodSeconds: 0,
    });
    const added = await patch(simulator, `${CONFIG_MAPS}/c`, MERGE, {
      metadata: { finalizers: ['a/b', 'c/d', 'e/f'] },
    });
    expect(added.status).toBe(422);
    expect(added.body.message).toContain('no new finalizers can be added if the object is being deleted');
    expect((await patch(simulator, `${CONFIG_MAPS}/c`, MERGE, { metadata: { finalizers: ['c/d'] } })).status).toBe(200);
    expect((await call(simulator, `GET ${CONFIG_MAPS}/c`)).status).toBe(200);
    expect((await patch(simulator, `${CONFIG_MAPS}/c`, MERGE, { metadata: { finalizers: [] } })).status).toBe(200);
    expect((await call(simulator, `GET ${CONFIG_MAPS}/c`)).status).toBe(404);
  });

  it.each<[string, object]>([
    ['uid', { uid: 'other' }],
    ['resourceVersion', { resourceVersion: '1' }],
  ])('are refused when the %s is another', async (_what, preconditions) => {
    await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c'));
    const { status, body } = await call(simulator, `DELETE ${CONFIG_MAPS}/c`, { kind: 'DeleteOptions', preconditions });
    expect(status).toBe(409);
    expect(body.message).toContain('in the precondition');
  });

  it('take a whole collection by selector', async () => {
    for (const name of ['a', 'b']) simulator.state.create(podObject(name, { group: name }));
    const { body } = await call(simulator, `DELETE ${PODS}?labelSelector=group=a`);
    expect(body).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'a' } }] });
    expect(simulator.state.list('v1', 'Pod').map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('of a namespace take all that lies in it', async () => {
    await call(simulator, 'POST /api/v1/namespaces', { metadata: { name: 'mine' } });
    await call(simulator, 'POST /api/v1/namespaces/mine/configmaps', { metadata: { name: 'c', finalizers: ['a/b'] } });
    const { body } = await call(simulator, 'DELETE /api/v1/namespaces/mine');
    expect(body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    const late = await call(simulator, 'POST /api/v1/namespaces/mine/configmaps', configMap('late'));
    expect(late.status).toBe(403);
    expect(late.body.message).toContain(
      'unable to create new content in namespace mine because it is being terminated',
    );
    await patch(simulator, '/api/v1/namespaces/mine/configmaps/c', MERGE, { metadata: { finalizers: null } });
    expect((await call(simulator, 'GET /api/v1/namespaces/mine')).status).toBe(404);
  });

  it('change nothing in a dry run', async () => {
    await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c'));
    expect((await call(simulator, `DELETE ${CONFIG_MAPS}/c?dryRun=All`)).status).toBe(200);
    expect((await call(simulator, `GET ${CONFIG_MAPS}/c`)).status).toBe(200);
  });
});

describe('graceful deletions of pods', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ gracefulPods: true });
  });
  afterEach(() => simulator.close());

  it('mark a running pod and wait for the kubelet', async () => {
    simulator.state.create({ ...running, spec: { ...running.spec, terminationGracePeriodSeconds: 7 } });
    const { body } = await call(simulator, `DELETE ${PODS}/p`);
    expect(recordAt(body, 'metadata')).toMatchObject({
      deletionGracePeriodSeconds: 7,
      deletionTimestamp: anyText,
    });
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeDefined();
    await call(simulator, `DELETE ${PODS}/p`, { gracePeriodSeconds: 0 });
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeUndefined();
  });

  it.each<[string, object]>([
    ['has no node', { spec: podObject('p').spec }],
    ['has ended', { status: { phase: 'Succeeded' } }],
  ])('wait for nobody when the pod %s', async (_what, change) => {
    simulator.state.create({ ...running, ...change });
    await call(simulator, `DELETE ${PODS}/p`);
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeUndefined();
  });

  it('wait for a finalizer after the kubelet has agreed', async () => {
    simulator.state.create({ ...running, metadata: { name: 'p', finalizers: ['a/b'] } });
    await call(simulator, `DELETE ${PODS}/p?gracePeriodSeconds=0`);
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeDefined();
    await patch(simulator, `${PODS}/p`, MERGE, { metadata: { finalizers: null } });
    expect(simulator.state.get('v1', 'Pod', 'default', 'p')).toBeUndefined();
  });
});
