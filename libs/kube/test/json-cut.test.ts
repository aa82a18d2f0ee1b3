import fc from 'fast-check';
import { type FieldTree, jsonCutter } from '../src/json-cut.ts';

const cut = (text: string, fields: FieldTree) => jsonCutter(fields)(Buffer.from(text));

const whole = { a: { b: 1, c: [{ d: 1, e: 2 }, { e: 3 }] }, f: 'x', g: null };

const wanted: Record<string, [fields: FieldTree, left: unknown]> = {
  'nothing is wanted': [{}, {}],
  'a field is wanted whole': [{ a: true }, { a: whole.a }],
  'a field of a field is wanted': [{ a: { b: true } }, { a: { b: 1 } }],
  'a field of each element is wanted': [{ a: { c: { d: true } } }, { a: { c: [{ d: 1 }, {}] } }],
  'several fields are wanted': [
    { g: true, a: { b: true }, f: true },
    { a: { b: 1 }, f: 'x', g: null },
  ],
  'a field is wanted that is not there': [{ z: true, f: true }, { f: 'x' }],
  'a field of a text is wanted': [{ f: { z: true } }, { f: 'x' }],
  'the name of a field is found in texts only': [{ x: true }, {}],
};

it.each(Object.entries(wanted))('%s', (_sentence, [fields, left]) => {
  expect(JSON.parse(cut(JSON.stringify(whole), fields))).toEqual(left);
  expect(JSON.parse(cut(JSON.stringify(whole, null, 2), fields))).toEqual(left);
});

const hard: Record<string, [text: string, left: string]> = {
  'brackets and quotes in texts end nothing': ['{"x":"]}\\"}","y":[["]"],"}"],"a":1}', '{"a":1}'],
  'a backslash at the end of a text is no quote': ['{"x":"\\\\","a":"\\\\"}', '{"a":"\\\\"}'],
  'empty objects and arrays are values': ['{"x":{},"y":[],"a":[]}', '{"a":[]}'],
  'arrays in arrays are taken whole': ['{"a":[[{"x":1}]]}', '{"a":[[{"x":1}]]}'],
  'characters of several bytes stay whole': ['{"é":"日本","a":"ü😀"}', '{"a":"ü😀"}'],
  'a value that is no object is itself': [' 12 ', '12'],
};

it.each(Object.entries(hard))('%s', (_sentence, [text, left]) => {
  expect(cut(text, { a: { b: true } })).toBe(left);
});

it.each([
  '',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,}',
  '{"a":[1,',
  '[1,]',
  '{"x":"',
  '{"x":"\\',
  '{a:1}',
  '{} {}',
  '{"x":[}',
])('what is not JSON is left for the parser to refuse: %s', (text) => {
  expect(() => JSON.parse(cut(text, { a: true })) as unknown).toThrow(SyntaxError);
});

it('arrays as deep as a text can hold do no harm', () => {
  const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  expect(cut(deep, { a: { b: true } })).toBe(deep);
});

it('one cutter cuts one text after the other', () => {
  const cutter = jsonCutter({ a: true });
  const texts = ['{"a":1,"b":2}', `{"b":"${'x'.repeat(100_000)}","a":"${'y'.repeat(1_000)}"}`, '{"a":3}'];
  expect(texts.map((text) => cutter(Buffer.from(text)).length)).toEqual([7, 1_008, 7]);
});

it('whatever an object holds, what is wanted comes out as the parser reads it', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'metadata');
  const object = fc.dictionary(fc.oneof(names, fc.string()), fc.jsonValue());
  fc.assert(
    fc.property(object, object, fc.array(names), fc.array(names), (outer, inner, above, below) => {
      const all = { ...outer, inner };
      const pick = (from: object, keys: readonly string[]) =>
        Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
      const tree = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, true] as const));
      const left: unknown = JSON.parse(cut(JSON.stringify(all), { ...tree(above), inner: tree(below) }));
      expect(left).toEqual(JSON.parse(JSON.stringify({ ...pick(outer, above), inner: pick(inner, below) })));
    }),
  );
});
