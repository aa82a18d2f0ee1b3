import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { JSON_PATCH, MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, matching, textAt } from '../values.ts';
import { installWidgets } from '../widgets.ts';

const create = async (api: Api, spec: object, rest: object = {}) => {
  const { path, widget } = await installWidgets(api);
  return done(api, `POST ${path}`, widget('w', spec, rest));
};

const UNCHECKED = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

interface Row {
  readonly spec: unknown;
  readonly field: string;
  readonly message: string;
  readonly reason?: string;
  /** The rules in CEL look only at an object whose shape is right. */
  readonly shape?: boolean;
}

function refused(rows: Record<string, Row>): Cases {
  return Object.fromEntries(
    Object.entries(rows).map(([sentence, { spec, field, message, reason = 'FieldValueInvalid', shape = true }]) => [
      sentence,
      async (api: Api) => {
        const { path, group, widget } = await installWidgets(api);
        const reply = await api.call(`POST ${path}`, widget('w', spec as object));
        expectInvalid(reply, group, 'Widget', 'w', { reason, message, field }, ...(shape ? [] : [UNCHECKED]));
      },
    ]),
  );
}

const wrongType = (spec: unknown, field: string, type: string, actual: string): Row => ({
  spec,
  field,
  message: `Invalid value: "${actual}": ${field} in body must be of type ${type}: "${actual}"`,
  reason: 'FieldValueTypeInvalid',
  shape: false,
});

export const customResources: Cases = {
  'a custom resource is kept as it is, with metadata and a generation': async (api) => {
    const { path, group, widget } = await installWidgets(api);
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
    const { path, group, widget } = await installWidgets(api);
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
    const { path, widget } = await installWidgets(api);
    expect(at(await done(api, `POST ${path}`, widget('a', { size: 3, port: 80 })), 'spec.port')).toBe(80);
    expect(at(await done(api, `POST ${path}`, widget('b', { size: 3, port: 'http' })), 'spec.port')).toBe('http');
  },
  'a map takes any key': async (api) => {
    expect(at(await create(api, { size: 3, words: { any: 'x', 'a.b/c': 'y' } }), 'spec.words')).toEqual({
      any: 'x',
      'a.b/c': 'y',
    });
  },
  ...refused({
    'what is required must be there': {
      spec: {},
      field: 'spec.size',
      message: 'Required value',
      reason: 'FieldValueRequired',
      shape: false,
    },
    'what is required must not be null': {
      spec: { size: null },
      field: 'spec.size',
      message: 'Required value',
      reason: 'FieldValueRequired',
      shape: false,
    },
    'what is required of an item must be there': {
      spec: { size: 3, parts: [{}] },
      field: 'spec.parts[0].id',
      message: 'Required value',
      reason: 'FieldValueRequired',
      shape: false,
    },
    'a text is no number': wrongType({ size: '3' }, 'spec.size', 'integer', 'string'),
    'a fraction is no whole number': wrongType({ size: 1.5 }, 'spec.size', 'integer', 'number'),
    'a text is no boolean': wrongType({ size: 3, on: 'yes' }, 'spec.on', 'boolean', 'string'),
    'a number is no text in a map': wrongType({ size: 3, words: { a: 1 } }, 'spec.words.a', 'string', 'integer'),
    'a list is no object': wrongType([], 'spec', 'object', 'array'),
    'a boolean is neither a number nor a text': wrongType(
      { size: 3, port: true },
      'spec.port',
      'integer,string',
      'boolean',
    ),
    'a number has a least value': {
      spec: { size: 0 },
      field: 'spec.size',
      message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1',
    },
    'a number has a largest value': {
      spec: { size: 11 },
      field: 'spec.size',
      message: 'Invalid value: 11: spec.size in body should be less than or equal to 10',
    },
    'a number may have to be more than another': {
      spec: { size: 3, ratio: 0 },
      field: 'spec.ratio',
      message: 'Invalid value: 0: spec.ratio in body should be greater than 0',
    },
    'a value is one of a set': {
      spec: { size: 3, color: 'pink' },
      field: 'spec.color',
      message: 'Unsupported value: "pink": supported values: "red", "green"',
      reason: 'FieldValueNotSupported',
      shape: false,
    },
    'a text has a pattern': {
      spec: { size: 3, code: 'A' },
      field: 'spec.code',
      message: `Invalid value: "A": spec.code in body should match '^[a-z]+$'`,
    },
    'a text has a length': {
      spec: { size: 3, code: 'abcde' },
      field: 'spec.code',
      message: 'Too long: may not be more than 4 bytes',
      reason: 'FieldValueTooLong',
      shape: false,
    },
    'a text has a format': {
      spec: { size: 3, when: 'yesterday' },
      field: 'spec.when',
      message: 'Invalid value: "yesterday": spec.when in body must be of type date-time: "yesterday"',
      reason: 'FieldValueTypeInvalid',
      shape: false,
    },
    'a list has a size': {
      spec: { size: 3, tags: ['a', 'b', 'c', 'd'] },
      field: 'spec.tags',
      message: 'Too many: 4: must have at most 3 items',
      reason: 'FieldValueTooMany',
      shape: false,
    },
    'a map has a size': {
      spec: { size: 3, words: { a: '1', b: '2', c: '3' } },
      field: 'spec.words',
      message: 'Too many: 3: must have at most 2 items',
      reason: 'FieldValueTooMany',
      shape: false,
    },
    'a set has no item twice': {
      spec: { size: 3, tags: ['a', 'a'] },
      field: 'spec.tags[1]',
      message: 'Duplicate value: "a"',
      reason: 'FieldValueDuplicate',
    },
    'a list by key has no key twice': {
      spec: { size: 3, parts: [{ id: 'a' }, { id: 'a' }] },
      field: 'spec.parts[1]',
      message: 'Duplicate value: {"id":"a"}',
      reason: 'FieldValueDuplicate',
    },
    'one of two means not both': {
      spec: { size: 3, either: { a: '1', b: '2' } },
      field: '<nil>',
      message:
        'Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    },
    'a rule in CEL says what it wants': {
      spec: { size: 3, code: 'bad' },
      field: 'spec',
      message: 'Invalid value: a bad code needs a size over 5',
    },
  }),
  'an object inside an object has a kind and a version': async (api) => {
    const { path, group, widget } = await installWidgets(api);
    const reply = await api.call(`POST ${path}`, widget('w', { size: 3, template: {} }));
    const required = (field: string) => ({ reason: 'FieldValueRequired', message: 'Required value', field });
    expectInvalid(
      reply,
      group,
      'Widget',
      'w',
      required('spec.template.apiVersion'),
      required('spec.template.kind'),
      UNCHECKED,
    );
  },
  'a rule in CEL sees the state before a change': async (api) => {
    const { path, group, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w', { size: 3 }));
    expect((await api.call(`PATCH ${path}/w`, { spec: { size: 4 } }, MERGE)).status).toBe(200);
    const problem = { reason: 'FieldValueInvalid', message: 'Invalid value: it may only grow', field: 'spec' };
    expectInvalid(await api.call(`PATCH ${path}/w`, { spec: { size: 2 } }, MERGE), group, 'Widget', 'w', problem);
  },
  'unknown fields are refused where strictness is asked for': async (api) => {
    const { path, widget } = await installWidgets(api);
    const body = widget('w', { size: 3, odd: 1 }, { metadata: { name: 'w', x: 1 } });
    const why =
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.x", unknown field "spec.odd"';
    expectFailure(await api.call(`POST ${path}?fieldValidation=Strict`, body), 400, 'BadRequest', why);
    const warned = await api.call(`POST ${path}`, widget('w', { size: 3, odd: 1 }));
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec.odd\\""');
  },
  'kind and version of the body are needed': async (api) => {
    const { path, group } = await installWidgets(api);
    const metadata = { name: 'w' };
    const bare = JSON.stringify({ metadata });
    const why = `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '${bare}' (${bare})`;
    expectFailure(await api.call(`POST ${path}`, { metadata }), 400, 'BadRequest', why);
    const version = (sent: string) =>
      `the API version in the data (${sent}) does not match the expected API version (${group}/v1)`;
    expectFailure(await api.call(`POST ${path}`, { kind: 'Widget', metadata }), 400, 'BadRequest', version(''));
    const other = { apiVersion: `${group}/v2`, kind: 'Widget', metadata };
    expectFailure(await api.call(`POST ${path}`, other), 400, 'BadRequest', version(`${group}/v2`));
  },
  'a PUT names the version it replaces': async (api) => {
    const { path, group, widget } = await installWidgets(api);
    const created = await done(api, `POST ${path}`, widget('w'));
    const problem = {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    };
    expectInvalid(await api.call(`PUT ${path}/w`, widget('w')), group, 'widgets', 'w', problem);
    const resourceVersion = textAt(created, 'metadata.resourceVersion');
    const put = widget('w', { size: 4 }, { metadata: { name: 'w', resourceVersion } });
    expect((await api.call(`PUT ${path}/w`, put)).status).toBe(200);
    const again = await api.call(`PUT ${path}/w`, put);
    expect(again).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', details: { name: 'w', group, kind: 'widgets' } },
    });
  },
  'generations count changes of anything but metadata and status': async (api) => {
    const { path, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const generation = async (patch: object, at_ = '') =>
      at(await done(api, `PATCH ${path}/w${at_}`, patch, MERGE), 'metadata.generation');
    expect(await generation({ metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(await generation({ spec: { size: 4 } })).toBe(2);
    expect(await generation({ status: { phase: 'x' } }, '/status')).toBe(2);
  },
  'with a status subresource each path writes its own half': async (api) => {
    const { path, widget } = await installWidgets(api);
    const created = await done(api, `POST ${path}`, widget('w', { size: 3 }, { status: { phase: 'new' } }));
    expect(created).not.toHaveProperty('status');
    const main = await done(api, `PATCH ${path}/w`, { spec: { size: 4 }, status: { phase: 'x' } }, MERGE);
    expect(main).toMatchObject({ spec: { size: 4 } });
    expect(main).not.toHaveProperty('status');
    const patch = { metadata: { labels: { a: 'b' } }, spec: { size: 5 }, status: { phase: 'y' } };
    const status = await done(api, `PATCH ${path}/w/status`, patch, MERGE);
    expect(status).toMatchObject({ spec: { size: 4 }, status: { phase: 'y' } });
    expect(at(status, 'metadata')).not.toHaveProperty('labels');
    expect(await done(api, `GET ${path}/w/status`)).toEqual(status);
  },
  'without one the status is a field like any other': async (api) => {
    const { path, widget } = await installWidgets(api, { subresources: undefined });
    const created = await done(api, `POST ${path}`, widget('w', { size: 3 }, { status: { phase: 'new' } }));
    expect(created).toMatchObject({ status: { phase: 'new' } });
    const after = await done(api, `PATCH ${path}/w`, { status: { phase: 'x' } }, MERGE);
    expect(after).toMatchObject({ status: { phase: 'x' }, metadata: { generation: 2 } });
    expect((await api.call(`GET ${path}/w/status`)).status).toBe(404);
  },
  'only name and namespace can be selected by': async (api) => {
    const { path, widget } = await installWidgets(api);
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
    const { path, group, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    expect((await api.call(`DELETE ${path}/w`)).body).toMatchObject({
      status: 'Success',
      details: { name: 'w', group, kind: 'widgets', uid: anyText },
    });
  },
  'a finalizer counts as a change that makes no generation, the deletion mark as one that does': async (api) => {
    const { path, widget } = await installWidgets(api);
    await done(api, `POST ${path}`, widget('w'));
    const add = [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/wait'] }];
    expect(at(await done(api, `PATCH ${path}/w`, add, JSON_PATCH), 'metadata.generation')).toBe(1);
    expect(at((await api.call(`DELETE ${path}/w`)).body, 'metadata.generation')).toBe(2);
  },
};
