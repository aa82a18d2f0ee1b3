import { lastApplied, threeWayPatch, withLastApplied } from '../src/last-applied.ts';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', namespace: 'default' },
  spec: { b: '<1>', a: [1] },
};

it('the annotation is byte for byte what kubectl writes', () => {
  expect(withLastApplied(pod).metadata?.annotations).toEqual({
    [ANNOTATION]:
      '{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{},"name":"p","namespace":"default"},"spec":{"a":[1],"b":"\\u003c1\\u003e"}}\n',
  });
});

it('it does not hold itself, and other annotations stay', () => {
  const own = { ...pod, metadata: { ...pod.metadata, annotations: { mine: 'x', [ANNOTATION]: 'old' } } };
  const { metadata } = withLastApplied(own);
  expect(metadata?.annotations?.mine).toBe('x');
  expect(lastApplied({ metadata })).toMatchObject({ metadata: { annotations: { mine: 'x' }, name: 'p' } });
  expect(metadata?.annotations?.[ANNOTATION]).not.toContain('old');
});

const unread: Record<string, object> = {
  'an object that nobody applied': {},
  'an annotation that is no JSON': { annotations: { [ANNOTATION]: '{' } },
  'an annotation that is no object': { annotations: { [ANNOTATION]: '[1]' } },
};

it.each(Object.entries(unread))('%s has nothing applied before', (_sentence, metadata) => {
  expect(lastApplied({ metadata })).toEqual({});
});

const patches: Record<string, [before: unknown, wanted: object, patch: object]> = {
  'what is wanted': [{}, { a: 1, b: { c: [1] } }, { a: 1, b: { c: [1] } }],
  'null for what is no longer wanted': [
    { a: 1, b: { c: 1, d: 2 } },
    { b: { c: 1 } },
    { a: null, b: { c: 1, d: null } },
  ],
  'nothing of what the server or others added': [{ a: 1 }, { a: 2 }, { a: 2 }],
  'null for a label that is gone with all labels': [{ m: { labels: { x: '1' } } }, { m: {} }, { m: { labels: null } }],
  'a list as a whole': [{ a: [1, 2] }, { a: [2] }, { a: [2] }],
};

it.each(Object.entries(patches))('a patch holds %s', (_sentence, [before, wanted, patch]) => {
  expect(threeWayPatch(before, wanted)).toEqual(patch);
});
