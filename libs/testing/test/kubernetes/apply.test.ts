import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt } from '../../src/kubernetes/json.ts';
import type { KubeObject } from '../../src/kubernetes/objects.ts';
import { APPLY, call, MERGE, patch } from './call.ts';
import { CONFIG_MAPS, configMap, PODS, widgetCrd, WIDGETS } from './samples.ts';
import { anyText } from './matchers.ts';

const C = `${CONFIG_MAPS}/c`;

describe('server-side apply', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ crds: [widgetCrd()] });
  });
  afterEach(() => simulator.close());

  const apply = (manager: string, object: object, path = C, query = '') =>
    patch(simulator, `${path}?fieldManager=${manager}${query}`, APPLY, object);
  const managers = (body: unknown): string[] =>
    ((body as KubeObject).metadata.managedFields ?? []).map((entry) => `${entry.operation} ${entry.manager}`);

  it('creates what is not there and says who owns it', async () => {
    const { status, body } = await apply('ann', configMap('c', { a: '1' }));
    expect(status).toBe(201);
    expect((body as unknown as KubeObject).metadata.managedFields).toEqual([
      {
        manager: 'ann',
        operation: 'Apply',
        apiVersion: 'v1',
        time: anyText,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      },
    ]);
  });

  it('changes nothing when the same is applied again', async () => {
    const first = await apply('ann', configMap('c', { a: '1' }));
    const again = await apply('ann', configMap('c', { a: '1' }));
    expect(again.status).toBe(200);
    expect(again.body.metadata).toEqual(first.body.metadata);
  });

  it('removes what its manager does not apply any more, but not what others own', async () => {
    await apply('ann', configMap('c', { a: '1', b: '2' }));
    await apply('bob', configMap('c', { b: '2', c: '3' }));
    const { body } = await apply('ann', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } });
    expect(body.data).toEqual({ b: '2', c: '3' });
    expect(managers(body)).toEqual(['Apply bob']);
  });

  it('refuses to take a field from another manager', async () => {
    await call(simulator, `POST ${CONFIG_MAPS}?fieldManager=kubectl-create`, configMap('c', { a: '1' }));
    const { status, body } = await apply('ann', configMap('c', { a: '2' }));
    expect(status).toBe(409);
    expect(body).toMatchObject({
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-create" using v1', field: '.data.a' },
        ],
      },
    });
  });

  it('takes it when forced', async () => {
    await apply('bob', configMap('c', { a: '1' }));
    const { status, body } = await apply('ann', configMap('c', { a: '2' }), C, '&force=true');
    expect(status).toBe(200);
    expect(body.data).toEqual({ a: '2' });
    expect(managers(body)).toEqual(['Apply ann']);
  });

  it('shares a field that two managers set alike', async () => {
    await apply('bob', configMap('c', { a: '1' }));
    expect(managers((await apply('ann', configMap('c', { a: '1' }))).body)).toEqual(['Apply ann', 'Apply bob']);
  });

  it('gives a field to whoever changes it by an ordinary write', async () => {
    await apply('ann', configMap('c', { a: '1', b: '1' }));
    await patch(simulator, `${C}?fieldManager=bob`, MERGE, { data: { a: '2' } });
    const { status, body } = await apply('ann', configMap('c', { a: '1', b: '1' }));
    expect(status).toBe(409);
    expect(body.message).toContain('conflict with "bob" using v1: .data.a');
  });

  it('merges lists by their keys', async () => {
    const pod = (container: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [container] },
    });
    await apply('ann', pod({ name: 'main', image: '1', ports: [{ containerPort: 80 }] }), `${PODS}/p`);
    const { status, body } = await apply('bob', pod({ name: 'main', image: '2' }), `${PODS}/p`, '&force=true');
    expect(status).toBe(200);
    expect(recordAt(body, 'spec').containers).toMatchObject([
      { name: 'main', image: '2', ports: [{ containerPort: 80 }] },
    ]);
  });

  it('follows the list types of a custom schema', async () => {
    const parts = (...list: object[]) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { size: 1, parts: list },
    });
    await apply('ann', parts({ id: 'a', weight: 1 }), `${WIDGETS}/w`);
    const both = await apply('bob', parts({ id: 'b' }), `${WIDGETS}/w`);
    expect(recordAt(both.body, 'spec').parts).toEqual([
      { id: 'a', weight: 1 },
      { id: 'b', weight: 5 },
    ]);
    const left = await apply('ann', { ...parts(), spec: { size: 1 } }, `${WIDGETS}/w`);
    expect(recordAt(left.body, 'spec').parts).toEqual([{ id: 'b', weight: 5 }]);
  });

  it.each<[string, string, object, number, string]>([
    ['no manager', '', configMap('c'), 422, 'fieldManager: Required value: is required for apply patch'],
    [
      'a field the schema does not have',
      '?fieldManager=a',
      { ...configMap('c'), odd: 1 },
      500,
      '.odd: field not declared in schema',
    ],
    [
      'an old revision',
      '?fieldManager=a',
      { ...configMap('c', { b: '1' }), metadata: { name: 'c', resourceVersion: '1' } },
      409,
      'the object has been modified',
    ],
  ])('refuses %s', async (_what, query, object, status, message) => {
    await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c', { a: '1' }));
    const reply = await patch(simulator, `${C}${query}`, APPLY, object);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  it('reads YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: text\n';
    const reply = await patch(simulator, `${C}?fieldManager=ann`, APPLY, yaml);
    expect(reply.body.data).toEqual({ a: 'text' });
  });
});
