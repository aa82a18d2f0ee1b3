import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt } from '../../src/kubernetes/json.ts';
import { applyJsonPatch } from '../../src/kubernetes/patch/json-patch.ts';
import { mergePatch } from '../../src/kubernetes/patch/merge.ts';
import { mergeStrategically } from '../../src/kubernetes/patch/strategic.ts';
import { call, JSON_PATCH, MERGE, patch, STRATEGIC } from './call.ts';
import { CONFIG_MAPS, configMap, WIDGETS, widget, widgetCrd } from './samples.ts';

describe('merge patch', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['adds and replaces fields', { a: 1 }, { a: 2, b: 3 }, { a: 2, b: 3 }],
    ['removes by null', { a: 1, b: { c: 1, d: 2 } }, { b: { c: null } }, { a: 1, b: { d: 2 } }],
    ['replaces lists as a whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['puts an object where a value was', { a: 'x' }, { a: { b: 1, c: null } }, { a: { b: 1 } }],
  ])('%s', (_what, target, change, expected) => {
    expect(mergePatch(target, change)).toEqual(expected);
  });
});

describe('strategic merge patch', () => {
  const containers = [
    { name: 'a', image: '1' },
    { name: 'b', image: '1' },
  ];
  it.each<[string, object, object, object]>([
    [
      'merges lists of named objects by their name',
      { containers },
      { containers: [{ name: 'b', image: '2' }] },
      {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    ],
    [
      'adds an item whose key is new',
      { containers },
      { containers: [{ name: 'c' }] },
      { containers: [{ name: 'c' }, ...containers] },
    ],
    [
      'removes an item by directive',
      { containers },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [{ name: 'b', image: '1' }] },
    ],
    [
      'replaces a list by directive',
      { containers },
      { containers: [{ $patch: 'replace' }, { name: 'z' }] },
      { containers: [{ name: 'z' }] },
    ],
    ['replaces a map by directive', { a: { b: 1 } }, { a: { $patch: 'replace', c: 2 } }, { a: { c: 2 } }],
    ['replaces lists without a key', { args: ['x'] }, { args: ['y'] }, { args: ['y'] }],
    ['joins sets', { finalizers: ['a'] }, { finalizers: ['b'] }, { finalizers: ['b', 'a'] }],
    [
      'removes from sets by directive',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'] },
      { finalizers: ['b'] },
    ],
    [
      'orders lists by directive',
      { containers },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      { containers: [containers[1], containers[0]] },
    ],
    [
      'keeps only the named fields of a union',
      { strategy: { type: 'A', rollingUpdate: {} } },
      { strategy: { $retainKeys: ['type'], type: 'B' } },
      { strategy: { type: 'B' } },
    ],
    [
      'tells container ports by their number',
      { ports: [{ containerPort: 1 }] },
      { ports: [{ containerPort: 1, name: 'x' }] },
      { ports: [{ containerPort: 1, name: 'x' }] },
    ],
    [
      'merges conditions by their type',
      { conditions: [{ type: 'Ready', status: 'False' }] },
      { conditions: [{ type: 'Ready', status: 'True' }] },
      { conditions: [{ type: 'Ready', status: 'True' }] },
    ],
  ])('%s', (_what, target, change, expected) => {
    expect(mergeStrategically(target, change)).toEqual(expected);
  });
});

describe('JSON patch', () => {
  it('refuses a test that fails as the real server does', () => {
    expect(() => applyJsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }])).toThrow(
      'the server rejected our request due to an error in our request',
    );
  });

  it('refuses what is no list of operations', () => {
    expect(() => applyJsonPatch({}, { a: 1 })).toThrow('error decoding patch');
  });

  it('leaves the object it was given alone', () => {
    const before = { list: [1] };
    expect(applyJsonPatch(before, [{ op: 'add', path: '/list/-', value: 2 }])).toEqual({ list: [1, 2] });
    expect(before).toEqual({ list: [1] });
  });
});

describe('patches over HTTP', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ crds: [widgetCrd()] });
    await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c', { a: '1', b: '2' }));
  });
  afterEach(() => simulator.close());

  it.each<[string, string, unknown, object]>([
    ['merge', MERGE, { data: { a: null, c: '3' } }, { b: '2', c: '3' }],
    ['strategic', STRATEGIC, { data: { a: '9' } }, { a: '9', b: '2' }],
    ['JSON', JSON_PATCH, [{ op: 'remove', path: '/data/b' }], { a: '1' }],
  ])('takes a %s patch', async (_what, type, body, data) => {
    const reply = await patch(simulator, `${CONFIG_MAPS}/c`, type, body);
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual(data);
  });

  it.each<[string, string, string, unknown, number]>([
    ['a strategic patch of a custom resource', `${WIDGETS}/w`, STRATEGIC, {}, 415],
    ['a media type it does not know', `${CONFIG_MAPS}/c`, 'text/plain', {}, 415],
    ['an object that is not there', `${CONFIG_MAPS}/none`, MERGE, {}, 404],
    ['a revision that is old', `${CONFIG_MAPS}/c`, MERGE, { metadata: { resourceVersion: '1' } }, 409],
    ['force where nothing is applied', `${CONFIG_MAPS}/c?force=true`, MERGE, {}, 422],
  ])('refuses %s', async (_what, path, type, body, status) => {
    await call(simulator, `POST ${WIDGETS}`, widget('w'));
    expect((await patch(simulator, path, type, body)).status).toBe(status);
  });

  it('refuses unknown fields of a schema when strict, with the patch as the bad value', async () => {
    await call(simulator, `POST ${WIDGETS}`, widget('w'));
    const reply = await patch(simulator, `${WIDGETS}/w?fieldValidation=Strict`, MERGE, { spec: { odd: 1 } });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toBe(
      ' "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"odd\\":1}}": strict decoding error: unknown field "spec.odd"',
    );
  });

  it('counts a generation only when the desired state changes', async () => {
    await call(simulator, `POST ${WIDGETS}`, widget('w'));
    const generation = async (path: string, body: object): Promise<unknown> =>
      recordAt((await patch(simulator, path, MERGE, body)).body, 'metadata').generation;
    expect(await generation(`${WIDGETS}/w`, { metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(await generation(`${WIDGETS}/w/status`, { status: { phase: 'Up' } })).toBe(1);
    expect(await generation(`${WIDGETS}/w`, { spec: { size: 4 } })).toBe(2);
  });
});
