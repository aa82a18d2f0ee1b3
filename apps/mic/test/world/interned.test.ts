import { interned } from '../../src/world/interned.ts';

it('gives one object for one content', () => {
  const first = interned({ name: 'a', list: [1] });
  expect(interned({ name: 'a', list: [1] })).toBe(first);
});

it('gives each content its own', () => {
  const [a, b] = [interned({ name: 'a' }), interned({ name: 'b' })];
  expect([a, b]).toEqual([{ name: 'a' }, { name: 'b' }]);
});
