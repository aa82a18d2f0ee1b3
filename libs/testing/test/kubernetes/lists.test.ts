import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import type { JsonRecord } from '../../src/kubernetes/json.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call } from './call.ts';
import { CONFIG_MAPS, configMap, podObject, PODS } from './samples.ts';
import { anyText, containing, withFields } from './matchers.ts';

const names = (body: JsonRecord): string[] =>
  (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);

describe('lists', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator();
    for (const [name, labels, node] of [
      ['a', { app: 'web', tier: 'front' }, 'n1'],
      ['b', { app: 'web' }, 'n2'],
      ['c', { app: 'db', size: '7' }, 'n1'],
      ['d', {}, ''],
    ] as const) {
      simulator.state.create({ ...podObject(name, labels), spec: { nodeName: node }, status: { phase: 'Running' } });
    }
  });
  afterEach(() => simulator.close());

  it.each<[string, string[]]>([
    ['labelSelector=app=web', ['a', 'b']],
    ['labelSelector=app==web', ['a', 'b']],
    ['labelSelector=app!=web', ['c', 'd']],
    ['labelSelector=app in (web,db),tier', ['a']],
    ['labelSelector=app notin (web)', ['c', 'd']],
    ['labelSelector=!app', ['d']],
    ['labelSelector=size>5', ['c']],
    ['labelSelector=size<5', []],
    ['fieldSelector=spec.nodeName=n1', ['a', 'c']],
    ['fieldSelector=spec.nodeName!=n1', ['b', 'd']],
    ['fieldSelector=metadata.name=b,status.phase=Running', ['b']],
    ['fieldSelector=status.phase=Pending', []],
    ['labelSelector=app=web&fieldSelector=spec.nodeName=n1', ['a']],
  ])('selects by %s', async (query, expected) => {
    const { status, body } = await call(simulator, `GET ${PODS}?${encodeURI(query).replaceAll('%20', '+')}`);
    expect(status).toBe(200);
    expect(names(body)).toEqual(expected);
  });

  it.each([
    [
      'a field that can not be selected by',
      'fieldSelector=spec.restart=Always',
      'field label not supported: spec.restart',
    ],
    ['a label selector that is none', 'labelSelector=(', 'unable to parse requirement'],
  ])('refuses %s', async (_what, query, message) => {
    const { status, body } = await call(simulator, `GET ${PODS}?${query}`);
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  });

  it('names its kind, and its items do not', async () => {
    const { body } = await call(simulator, `GET ${PODS}`);
    expect(body).toMatchObject({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: anyText },
    });
    expect((body.items as object[])[0]).not.toHaveProperty('kind');
  });

  it('goes on where a page ended, and shows the state of the first page throughout', async () => {
    const first = await call(simulator, `GET ${PODS}?limit=2`);
    expect(names(first.body)).toEqual(['a', 'b']);
    expect(recordAt(first.body, 'metadata').remainingItemCount).toBe(2);
    simulator.state.delete('v1', 'Pod', 'default', 'c');
    simulator.state.create(podObject('bb'));
    const token = stringAt(first.body, 'metadata', 'continue');
    const rest = await call(simulator, `GET ${PODS}?limit=2&continue=${token}`);
    expect(names(rest.body)).toEqual(['c', 'd']);
    expect(stringAt(rest.body, 'metadata', 'resourceVersion')).toBe(
      stringAt(first.body, 'metadata', 'resourceVersion'),
    );
    expect(recordAt(rest.body, 'metadata')).not.toHaveProperty('continue');
  });

  it('answers 410 to a page that is too old, with a token to go on regardless', async () => {
    const first = await call(simulator, `GET ${PODS}?limit=2`);
    simulator.state.compact();
    const late = await call(simulator, `GET ${PODS}?limit=2&continue=${stringAt(first.body, 'metadata', 'continue')}`);
    expect(late.status).toBe(410);
    expect(late.body).toMatchObject({
      reason: 'Expired',
      message: containing('continue parameter is too old'),
    });
    const on = await call(simulator, `GET ${PODS}?continue=${stringAt(late.body, 'metadata', 'continue')}`);
    expect(names(on.body)).toEqual(['c', 'd']);
  });

  it('takes no pages when any version will do', async () => {
    expect(names((await call(simulator, `GET ${PODS}?limit=1&resourceVersion=0`)).body)).toHaveLength(4);
  });

  it('shows the state at an exact version', async () => {
    const before = stringAt((await call(simulator, `GET ${PODS}`)).body, 'metadata', 'resourceVersion');
    simulator.state.delete('v1', 'Pod', 'default', 'a');
    const query = (match: string): string => `GET ${PODS}?resourceVersion=${before}&resourceVersionMatch=${match}`;
    expect(names((await call(simulator, query('Exact'))).body)).toEqual(['a', 'b', 'c', 'd']);
    expect(names((await call(simulator, query('NotOlderThan'))).body)).toEqual(['b', 'c', 'd']);
    simulator.state.compact();
    const late = await call(simulator, query('Exact'));
    expect(late.status).toBe(410);
    expect(late.body.reason).toBe('Expired');
  });

  it.each([
    ['a version that is still to come', 'resourceVersion=999999', 504, 'Too large resource version: 999999'],
    ['a version that is no number', 'resourceVersion=x', 400, 'Invalid value: "x"'],
    [
      'a match without a version',
      'resourceVersionMatch=Exact',
      422,
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    ['exactly version 0', 'resourceVersionMatch=Exact&resourceVersion=0', 422, 'is forbidden for resourceVersion "0"'],
    ['a token it did not make', 'continue=abc', 400, 'continue key is not valid'],
    [
      'a version together with a token',
      'continue=abc&resourceVersion=5',
      400,
      'specifying resource version is not allowed when using continue',
    ],
  ])('refuses %s', async (_what, query, code, message) => {
    const { status, body } = await call(simulator, `GET ${PODS}?${query}`);
    expect(status).toBe(code);
    expect(body.message).toContain(message);
  });

  it('lists all namespaces, and one', async () => {
    simulator.state.create({ ...configMap('here'), metadata: { name: 'here', namespace: 'kube-public' } });
    expect(names((await call(simulator, 'GET /api/v1/namespaces/kube-public/configmaps')).body)).toEqual([
      'here',
      'kube-root-ca.crt',
    ]);
    expect(names((await call(simulator, 'GET /api/v1/configmaps')).body)).toContain('here');
    expect(names((await call(simulator, `GET ${CONFIG_MAPS}`)).body)).not.toContain('here');
  });

  it('gives metadata only when asked for that', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await call(simulator, `GET ${PODS}`, undefined, { accept });
    expect(body.kind).toBe('PartialObjectMetadataList');
    expect((body.items as object[])[0]).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: withFields({ name: 'a' }),
    });
  });
});
