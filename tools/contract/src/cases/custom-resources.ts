import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { JSON_PATCH } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, matching } from '../values.ts';
import { installWidgets, sharedWidgets } from '../widgets.ts';

const create = async (api: Api, spec: object, rest: object = {}) => {
  const { path, widget } = await sharedWidgets(api);
  return done(api, `POST ${path}`, widget('w', spec, rest));
};

export const customResources: Cases = {
  'a custom resource is kept as it is, with metadata and a generation': async (api) => {
    const { path, group, widget } = await sharedWidgets(api);
    const { status, body } = await api.call(
      `POST ${path}`,
      widget('w', { size: 3, color: 'green', filled: { level: 4 } }),
    );
    expect(status).toBe(201);
    expect(body).toEqual({
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: {
        name: 'w',
        namespace: api.namespace,
        uid: anyText,
        resourceVersion: matching(/^\d+$/),
        generation: 1,
        creationTimestamp: anyText,
        managedFields: [
          expect.objectContaining({ manager: 'contract', operation: 'Update', apiVersion: `${group}/v1` }),
        ],
      },
      spec: { size: 3, color: 'green', filled: { level: 4 } },
    });
  },
  'the items of a list carry kind and version': async (api) => {
    const { path, group, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const list = await done(api, `GET ${path}`);
    expect(list).toMatchObject({
      apiVersion: `${group}/v1`,
      kind: 'WidgetList',
      items: [{ apiVersion: `${group}/v1`, kind: 'Widget' }],
    });
  },
  'defaults are filled in where the object around them is there': async (api) => {
    expect(at(await create(api, { size: 3, nested: {}, parts: [{ id: 'a' }] }), 'spec')).toEqual({
      size: 3,
      color: 'red',
      nested: { level: 1 },
      filled: { level: 2 },
      parts: [{ id: 'a', weight: 5 }],
    });
  },
  'null counts as absent, unless the schema allows it': async (api) => {
    expect(at(await create(api, { size: 3, color: null, code: null, note: null }), 'spec')).toEqual({
      size: 3,
      color: 'red',
      note: null,
      filled: { level: 2 },
    });
  },
  'fields that the schema does not have are pruned': async (api) => {
    const created = await create(
      api,
      { size: 3, odd: 1, nested: { odd: 1 }, parts: [{ id: 'a', odd: 1 }] },
      { other: 1 },
    );
    expect(created).not.toHaveProperty('other');
    expect(at(created, 'spec')).toEqual({
      size: 3,
      color: 'red',
      nested: { level: 1 },
      filled: { level: 2 },
      parts: [{ id: 'a', weight: 5 }],
    });
  },
  'unknown fields are kept where the schema says so': async (api) => {
    const free = { a: { b: [1, { c: 'd' }] }, known: 'x' };
    expect(at(await create(api, { size: 3, free }), 'spec.free')).toEqual(free);
  },
  'an object inside an object keeps the fields that every object has': async (api) => {
    const template = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', odd: 1 }, data: { a: 1 }, odd: 1 };
    expect(at(await create(api, { size: 3, template }), 'spec.template')).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: {},
    });
  },
  'a field may be a number or a text': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    expect(at(await done(api, `POST ${path}`, widget('a', { size: 3, port: 80 })), 'spec.port')).toBe(80);
    expect(at(await done(api, `POST ${path}`, widget('b', { size: 3, port: 'http' })), 'spec.port')).toBe('http');
  },
  'a map takes any key': async (api) => {
    expect(at(await create(api, { size: 3, words: { any: 'x', 'a.b/c': 'y' } }), 'spec.words')).toEqual({
      any: 'x',
      'a.b/c': 'y',
    });
  },
  'only name and namespace can be selected by': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    expect(at(await done(api, `GET ${path}?fieldSelector=metadata.name=w`), 'items')).toHaveLength(1);
    expectFailure(
      await api.call(`GET ${path}?fieldSelector=spec.size=3`),
      400,
      'BadRequest',
      'field label not supported: spec.size',
    );
  },
  'unless the CRD names more': async (api) => {
    const { path, widget } = await installWidgets(api, { selectableFields: [{ jsonPath: '.spec.color' }] });
    await done(api, `POST ${path}`, widget('a', { size: 3, color: 'green' }));
    await done(api, `POST ${path}`, widget('b', { size: 3 }));
    const found = await done(api, `GET ${path}?fieldSelector=spec.color=red`);
    expect(at(found, 'items')).toMatchObject([{ metadata: { name: 'b' } }]);
  },
  'a deletion is told with the group': async (api) => {
    const { path, group, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    expect((await api.call(`DELETE ${path}/w`)).body).toMatchObject({
      status: 'Success',
      details: { name: 'w', group, kind: 'widgets', uid: anyText },
    });
  },
  'a finalizer counts as a change that makes no generation, the deletion mark as one that does': async (api) => {
    const { path, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const add = [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/wait'] }];
    expect(at(await done(api, `PATCH ${path}/w`, add, JSON_PATCH), 'metadata.generation')).toBe(1);
    expect(at((await api.call(`DELETE ${path}/w`)).body, 'metadata.generation')).toBe(2);
  },
};
