import { done, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { MERGE } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { sharedWidgets } from '../widgets.ts';

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
        const { path, group, widget } = await sharedWidgets(api);
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

export const schemas: Cases = {
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
    const { path, group, widget } = await sharedWidgets(api);
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
    const { path, group, widget } = await sharedWidgets(api);
    await done(api, `POST ${path}`, widget('w', { size: 3 }));
    expect((await api.call(`PATCH ${path}/w`, { spec: { size: 4 } }, MERGE)).status).toBe(200);
    const problem = { reason: 'FieldValueInvalid', message: 'Invalid value: it may only grow', field: 'spec' };
    expectInvalid(await api.call(`PATCH ${path}/w`, { spec: { size: 2 } }, MERGE), group, 'Widget', 'w', problem);
  },
};
