import fc from 'fast-check';
import { withoutManagedFields } from '../src/managed-fields.ts';

const parsed = (object: unknown): unknown => JSON.parse(withoutManagedFields(JSON.stringify(object)));

const managed = (fieldsV1: unknown = { 'f:spec': {} }) => [
  { manager: 'kubelet', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 },
];
const pod = (managedFields?: unknown) => ({
  metadata: { name: 'a', ...(managedFields === undefined ? {} : { managedFields }) },
  spec: { x: 1 },
});

const pruned: Record<string, [before: unknown, after: unknown]> = {
  'an object loses them': [pod(managed()), pod()],
  'each object of a list loses them': [
    { items: [pod(managed()), pod(), pod(managed())] },
    { items: [pod(), pod(), pod()] },
  ],
  'an object within an event loses them': [
    { type: 'ADDED', object: pod(managed()) },
    { type: 'ADDED', object: pod() },
  ],
  'brackets and quotes within them do not end them early': [
    pod(managed({ 'k:{"name":"]}\\"[{"}': { a: ['"'] } })),
    pod(),
  ],
};

it.each(Object.entries(pruned))('%s', (_sentence, [before, after]) => {
  expect(parsed(before)).toEqual(after);
});

const kept: Record<string, unknown> = {
  'an object without them': pod(),
  'an empty list of them': pod([]),
  'a field of a custom resource that is called like them': {
    spec: { a: 1, managedFields: [{ apiVersion: 'v1', manager: 'x' }] },
  },
  'a text that looks like them': { metadata: { name: 'a', annotations: { last: JSON.stringify(pod(managed())) } } },
  'a text that ends where they would begin': { a: ',', managedFieldz: [{ manager: '"' }] },
};

it.each(Object.entries(kept))('%s stays as it is', (_sentence, object) => {
  expect(parsed(object)).toEqual(object);
});

it.each([
  ',"managedFields":[{"manager":"',
  '{"a":1,"managedFields":[{"manager":"x"}',
  '{"a":1,"managedFields":[{"manager":"x\\',
])('text that is cut off in the middle of them is left for the parser to refuse: %s', (text) => {
  expect(withoutManagedFields(text)).toBe(text);
});

it('whatever else an object holds is not changed, and whatever they hold is gone', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (spec, fieldsV1) => {
      const object = (more: object) => ({ metadata: { name: 'a', ...more }, spec });
      const before = object({ managedFields: managed(fieldsV1) });
      expect(parsed(before)).toEqual(JSON.parse(JSON.stringify(object({}))));
    }),
  );
});
