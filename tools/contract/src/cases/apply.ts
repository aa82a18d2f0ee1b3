import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { APPLY, CONFIG_MAPS, configMap, MERGE, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, textAt } from '../values.ts';
import { sharedWidgets } from '../widgets.ts';

const C = `${CONFIG_MAPS}/c`;
const apply = (api: Api, manager: string, object: unknown, path = C, query = '') =>
  api.call(`PATCH ${path}?fieldManager=${manager}${query}`, object, APPLY);
const owners = (object: unknown): string[] =>
  ((at(object, 'metadata.managedFields') ?? []) as { operation: string; manager: string }[]).map(
    ({ operation, manager }) => `${operation} ${manager}`,
  );
const fieldsOf = (object: unknown, manager: string): unknown =>
  (at(object, 'metadata.managedFields') as { manager: string; fieldsV1: unknown }[]).find((e) => e.manager === manager)
    ?.fieldsV1;
const data = (fields: object) => configMap('c', { ...fields });

export const applies: Cases = {
  'apply creates what is not there and says who owns it': async (api) => {
    const { status, body } = await apply(api, 'ann', data({ a: '1' }));
    expect(status).toBe(201);
    expect(at(body, 'metadata.managedFields')).toEqual([
      {
        manager: 'ann',
        operation: 'Apply',
        apiVersion: 'v1',
        time: anyText,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      },
    ]);
  },
  'the same applied again changes nothing': async (api) => {
    const first = await apply(api, 'ann', data({ a: '1' }));
    const again = await apply(api, 'ann', data({ a: '1' }));
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  },
  'what a manager does not apply any more goes, unless another owns it': async (api) => {
    await apply(api, 'ann', data({ a: '1', b: '2' }));
    await apply(api, 'bob', data({ b: '2', c: '3' }));
    const { body } = await apply(api, 'ann', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } });
    expect(at(body, 'data')).toEqual({ b: '2', c: '3' });
    expect(owners(body)).toEqual(['Apply bob']);
  },
  'a field of another manager is not taken': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}?fieldManager=kubectl-create`, data({ a: '1' }));
    const why = 'conflict with "kubectl-create" using v1';
    expectFailure(
      await apply(api, 'ann', data({ a: '2' })),
      409,
      'Conflict',
      `Apply failed with 1 conflict: ${why}: .data.a`,
      {
        causes: [{ reason: 'FieldManagerConflict', message: why, field: '.data.a' }],
      },
    );
  },
  'several fields of several managers are all named': async (api) => {
    await apply(api, 'bob', data({ a: '1', b: '1' }));
    await apply(api, 'cid', data({ c: '1' }));
    const { status, body } = await apply(api, 'ann', data({ a: '2', b: '2', c: '2' }));
    expect(status).toBe(409);
    expect(at(body, 'message')).toBe(
      'Apply failed with 3 conflicts: conflicts with "bob":\n- .data.a\n- .data.b\nconflicts with "cid":\n- .data.c',
    );
  },
  'it is taken when forced': async (api) => {
    await apply(api, 'bob', data({ a: '1' }));
    const { status, body } = await apply(api, 'ann', data({ a: '2' }), C, '&force=true');
    expect(status).toBe(200);
    expect(at(body, 'data')).toEqual({ a: '2' });
    expect(owners(body)).toEqual(['Apply ann']);
  },
  'a field that two managers set alike belongs to both': async (api) => {
    await apply(api, 'bob', data({ a: '1' }));
    expect(owners((await apply(api, 'ann', data({ a: '1' }))).body)).toEqual(['Apply ann', 'Apply bob']);
  },
  'whoever changes a field by an ordinary write owns it': async (api) => {
    await apply(api, 'ann', data({ a: '1', b: '1' }));
    const { body } = await api.call(`PATCH ${C}?fieldManager=bob`, { data: { a: '2' } }, MERGE);
    expect(fieldsOf(body, 'ann')).toEqual({ 'f:data': { 'f:b': {} } });
    expect(fieldsOf(body, 'bob')).toEqual({ 'f:data': { 'f:a': {} } });
    const conflict = await apply(api, 'ann', data({ a: '1', b: '1' }));
    expect(at(conflict.body, 'message')).toMatch(/conflict with "bob" using v1(?: at \S+)?: \.data\.a$/);
  },
  'a write that names no manager is its program’s': async (api) => {
    const { body } = await api.call(`POST ${CONFIG_MAPS}`, data({ a: '1' }), {
      'user-agent': 'some-program/1.2 (linux)',
    });
    expect(owners(body)).toEqual(['Update some-program']);
  },
  'a write that tells an empty list of managers forgets them': async (api) => {
    await apply(api, 'ann', data({ a: '1' }));
    const { body } = await api.call(`PATCH ${C}`, { metadata: { managedFields: [{}] } }, MERGE);
    expect(owners(body)).toEqual([]);
  },
  'lists of objects merge by their keys': async (api) => {
    const container = (rest: object) => pod('p', { containers: [{ name: 'main', ...rest }] });
    await apply(api, 'ann', container({ image: 'demo:1', ports: [{ containerPort: 80 }] }), `${PODS}/p`);
    const { status, body } = await apply(api, 'bob', container({ image: 'demo:2' }), `${PODS}/p`, '&force=true');
    expect(status).toBe(200);
    expect(at(body, 'spec.containers')).toMatchObject([
      { name: 'main', image: 'demo:2', ports: [{ containerPort: 80 }] },
    ]);
    expect(fieldsOf(body, 'bob')).toEqual({
      'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
    });
  },
  'lists of a custom schema merge as it says': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    const parts = (...list: object[]) => widget('w', { size: 1, parts: list });
    await apply(api, 'ann', parts({ id: 'a', weight: 1 }), `${path}/w`);
    const both = await apply(api, 'bob', parts({ id: 'b' }), `${path}/w`);
    expect(at(both.body, 'spec.parts')).toEqual([
      { id: 'a', weight: 1 },
      { id: 'b', weight: 5 },
    ]);
    const left = await apply(api, 'ann', widget('w', { size: 1 }), `${path}/w`);
    expect(at(left.body, 'spec.parts')).toEqual([{ id: 'b', weight: 5 }]);
  },
  'the status has owners of its own': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await apply(api, 'ann', widget('w', { size: 2 }), `${path}/w`);
    const status = widget('w', {}, { spec: undefined, status: { phase: 'Good' } });
    const { body } = await apply(api, 'controller', status, `${path}/w/status`);
    expect(at(body, 'status')).toEqual({ phase: 'Good' });
    expect(at(body, 'spec.size')).toBe(2);
    expect(at(body, 'metadata.managedFields')).toMatchObject([
      { manager: 'ann', fieldsV1: { 'f:spec': { 'f:size': {} } } },
      { manager: 'controller', subresource: 'status', fieldsV1: { 'f:status': { 'f:phase': {} } } },
    ]);
  },
  'a manager is needed': async (api) => {
    const problem = {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    };
    expectInvalid(await api.call(`PATCH ${C}`, data({}), APPLY), 'meta.k8s.io', 'PatchOptions', '', problem);
  },
  'a field that the kind does not have is refused': async (api) => {
    await apply(api, 'ann', data({ a: '1' }));
    const reply = await apply(api, 'ann', { ...data({ a: '1' }), odd: 1 });
    expectFailure(
      reply,
      500,
      '',
      `failed to create typed patch object (/c; /v1, Kind=ConfigMap): .odd: field not declared in schema`,
    );
  },
  'an older version is answered 409': async (api) => {
    const { body } = await apply(api, 'ann', data({ a: '1' }));
    await apply(api, 'ann', data({ a: '2' }));
    const metadata = { name: 'c', resourceVersion: textAt(body, 'metadata.resourceVersion') };
    expect(await apply(api, 'ann', { ...data({ a: '3' }), metadata })).toMatchObject({
      status: 409,
      body: { reason: 'Conflict' },
    });
  },
  'an object without its kind is refused': async (api) => {
    expect(await apply(api, 'ann', { metadata: { name: 'c' } })).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest' },
    });
  },
  'an object that carries owners is refused': async (api) => {
    const metadata = {
      name: 'c',
      managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
    };
    const reply = await apply(api, 'ann', { ...data({}), metadata });
    expectFailure(reply, 400, 'BadRequest', 'metadata.managedFields must be nil');
  },
  'YAML is read': async (api) => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: text\n';
    expect((await apply(api, 'ann', yaml)).body).toMatchObject({ data: { a: 'text' } });
  },
  'labels of two managers stand side by side': async (api) => {
    const labelled = (labels: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels } });
    await apply(api, 'ann', labelled({ a: '1' }));
    const { body } = await apply(api, 'bob', labelled({ b: '2' }));
    expect(at(body, 'metadata.labels')).toEqual({ a: '1', b: '2' });
    expect(fieldsOf(body, 'bob')).toEqual({ 'f:metadata': { 'f:labels': { 'f:b': {} } } });
  },
  'an empty map that others applied is theirs as a whole': async (api) => {
    await apply(api, 'bob', data({}));
    const reply = await apply(api, 'ann', data({}));
    const cause = { reason: 'FieldManagerConflict', message: 'conflict with "bob"', field: '.data' };
    expectFailure(reply, 409, 'Conflict', 'Apply failed with 1 conflict: conflict with "bob": .data', {
      causes: [cause],
    });
  },
};
