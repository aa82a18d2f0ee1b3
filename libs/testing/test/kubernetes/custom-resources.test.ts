import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { call, MERGE, patch } from './call.ts';
import { WIDGETS, widget, widgetCrd } from './samples.ts';
import { containing, withItems } from './matchers.ts';

describe('custom resources', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ crds: [widgetCrd()] });
  });
  afterEach(() => simulator.close());

  const create = (spec: object, rest: object = {}) => call(simulator, `POST ${WIDGETS}`, widget('w', spec, rest));

  it('fills in the defaults of the schema', async () => {
    const { body } = await create({ size: 1, nested: {}, parts: [{ id: 'a' }] });
    expect(body.spec).toEqual({ size: 1, color: 'red', nested: { level: 1 }, parts: [{ id: 'a', weight: 5 }] });
  });

  it.each<[string, object, object]>([
    [
      'drops fields the schema does not know',
      { size: 1, odd: 1, nested: { level: 2, odd: 1 } },
      { size: 1, color: 'red', nested: { level: 2 } },
    ],
    [
      'keeps unknown fields where the schema says so',
      { size: 1, free: { any: { thing: [1] } } },
      { size: 1, color: 'red', free: { any: { thing: [1] } } },
    ],
    ['keeps a null that is allowed', { size: 1, note: null }, { size: 1, color: 'red', note: null }],
    ['replaces a null that is not allowed by the default', { size: 1, color: null }, { size: 1, color: 'red' }],
    ['drops a null that is not allowed and has no default', { size: 1, code: null }, { size: 1, color: 'red' }],
    ['takes a number for int-or-string', { size: 1, port: 80 }, { size: 1, color: 'red', port: 80 }],
    ['takes a text for int-or-string', { size: 1, port: 'http' }, { size: 1, color: 'red', port: 'http' }],
    [
      'keeps kind and metadata of an embedded resource and drops what it does not know there',
      { size: 1, template: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n', odd: 1 }, odd: 1 } },
      { size: 1, color: 'red', template: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } } },
    ],
  ])('%s', async (_what, sent, expected) => {
    const { status, body } = await create(sent);
    expect(status).toBe(201);
    expect(body.spec).toEqual(expected);
  });

  it.each<[string, object, string, string, string]>([
    [
      'what a rule forbids',
      { size: 2, code: 'bad' },
      'spec',
      'FieldValueInvalid',
      'Invalid value: a bad code needs a size over 5',
    ],
    ['a missing field', {}, 'spec.size', 'FieldValueRequired', 'Required value'],
    [
      'a wrong type',
      { size: 'x' },
      'spec.size',
      'FieldValueTypeInvalid',
      'Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    [
      'a number that is too big',
      { size: 11 },
      'spec.size',
      'FieldValueInvalid',
      'Invalid value: 11: spec.size in body should be less than or equal to 10',
    ],
    [
      'a number that is too small',
      { size: 0 },
      'spec.size',
      'FieldValueInvalid',
      'Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ],
    [
      'a value outside the list',
      { size: 1, color: 'blue' },
      'spec.color',
      'FieldValueNotSupported',
      'Unsupported value: "blue": supported values: "red", "green"',
    ],
    [
      'a text of another pattern',
      { size: 1, code: 'A' },
      'spec.code',
      'FieldValueInvalid',
      'Invalid value: "A": spec.code in body should match \'^[a-z]+$\'',
    ],
    [
      'a text that is too long',
      { size: 1, code: 'abcde' },
      'spec.code',
      'FieldValueTooLong',
      'Too long: may not be more than 4 bytes',
    ],
    [
      'too many items',
      { size: 1, tags: ['a', 'b', 'c', 'd'] },
      'spec.tags',
      'FieldValueTooMany',
      'Too many: 4: must have at most 3 items',
    ],
    [
      'an item twice in a set',
      { size: 1, tags: ['a', 'a'] },
      'spec.tags[1]',
      'FieldValueDuplicate',
      'Duplicate value: "a"',
    ],
    [
      'a key twice in a map',
      { size: 1, parts: [{ id: 'a' }, { id: 'a' }] },
      'spec.parts[1]',
      'FieldValueDuplicate',
      'Duplicate value: {"id":"a"}',
    ],
    [
      'neither number nor text',
      { size: 1, port: true },
      'spec.port',
      'FieldValueTypeInvalid',
      'Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
  ])('refuses %s in the form of the real server', async (_what, spec, field, reason, message) => {
    const { status, body } = await create(spec);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: containing(`${field}: ${message}`),
      details: { name: 'w', group: 'example.com', kind: 'Widget', causes: withItems({ reason, message, field }) },
    });
  });

  it('lists several problems in brackets', async () => {
    const { body } = await create({ size: 99, color: 'blue' });
    expect(body.message).toMatch(
      /^Widget\.example\.com "w" is invalid: \[spec\.size: .+, spec\.color: .+, <nil>: .+\]$/,
    );
  });

  it('refuses unknown fields when strict', async () => {
    const reply = await call(simulator, `POST ${WIDGETS}?fieldValidation=Strict`, widget('w', { size: 1, a: 1, b: 1 }));
    expect(reply.status).toBe(400);
    expect(reply.body.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.a", unknown field "spec.b"',
    );
  });

  it('keeps status and the rest apart where there is a status subresource', async () => {
    expect((await create({ size: 1 }, { status: { phase: 'Up' } })).body).not.toHaveProperty('status');
    const up = await patch(simulator, `${WIDGETS}/w/status`, MERGE, { spec: { size: 9 }, status: { phase: 'Up' } });
    expect(up.body).toMatchObject({ spec: { size: 1 }, status: { phase: 'Up' } });
    const down = await patch(simulator, `${WIDGETS}/w`, MERGE, { spec: { size: 2 }, status: { phase: 'Down' } });
    expect(down.body).toMatchObject({ spec: { size: 2 }, status: { phase: 'Up' } });
  });

  it('checks rules about the old value on updates only', async () => {
    expect((await create({ size: 3 })).status).toBe(201);
    expect((await patch(simulator, `${WIDGETS}/w`, MERGE, { spec: { size: 4 } })).status).toBe(200);
    const { status, body } = await patch(simulator, `${WIDGETS}/w`, MERGE, { spec: { size: 2 } });
    expect(status).toBe(422);
    expect(body.message).toBe('Widget.example.com "w" is invalid: spec: Invalid value: it may only grow');
  });

  it('asks for the revision on replacement', async () => {
    await create({ size: 1 });
    const { status, body } = await call(simulator, `PUT ${WIDGETS}/w`, widget('w'));
    expect(status).toBe(422);
    expect(body.message).toContain('metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  });
});
