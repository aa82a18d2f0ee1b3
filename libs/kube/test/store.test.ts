import { fakeClock } from '@aad-pod-identity/testing';
import { Store, type StoreChange } from '../src/index.ts';

interface Item {
  readonly name: string;
  readonly colours: readonly string[];
  readonly size?: number;
}

const item = (name: string, colours: string[] = [], size = 0): Item => ({ name, colours, size });

function storeOf(...items: Item[]) {
  const store = new Store<Item>({ key: ({ name }) => name, indexes: { colour: ({ colours }) => colours } });
  for (const each of items) store.apply(each);
  const heard: string[] = [];
  store.subscribe(({ type, key }: StoreChange<Item>) => heard.push(`${type} ${key}`));
  return { store, heard, found: (colour: string) => store.by('colour', colour).map(({ name }) => name) };
}

type Change = (store: Store<Item>) => void;

const changes: Record<string, [before: Item[], change: Change, heard: string[], red: string[]]> = {
  'a new object is added': [[], (s) => s.apply(item('a', ['red'])), ['added a'], ['a']],
  'a changed object is modified': [[item('a', ['red'])], (s) => s.apply(item('a', ['red'], 1)), ['modified a'], ['a']],
  'an object that moves leaves its old place in the index': [
    [item('a', ['red'])],
    (s) => s.apply(item('a', ['blue'])),
    ['modified a'],
    [],
  ],
  'an object is found under each of its values': [[], (s) => s.apply(item('a', ['blue', 'red'])), ['added a'], ['a']],
  'an equal object is no change': [[item('a', ['red'])], (s) => s.apply(item('a', ['red'])), [], ['a']],
  'a removed object is deleted': [[item('a', ['red'])], (s) => s.remove('a'), ['deleted a'], []],
  'removing what is not there is no change': [[], (s) => s.remove('a'), [], []],
  'a new list brings only the differences': [
    [item('a', ['red']), item('b', ['red']), item('c', ['red'])],
    (s) => s.replaceAll([item('a', ['red']), item('b', ['red'], 1), item('d', ['red'])]),
    ['deleted c', 'modified b', 'added d'],
    ['a', 'b', 'd'],
  ],
};

it.each(Object.entries(changes))('%s', (_sentence, [before, change, expected, red]) => {
  const { store, heard, found } = storeOf(...before);
  change(store);
  expect(heard).toEqual(expected);
  expect(found('red').sort()).toEqual(red);
});

it.each([
  ['none', [], 0],
  ['one', [item('a', ['red'])], 1],
  ['several', [item('a', ['red']), item('b', ['red', 'blue']), item('c', ['blue'])], 2],
])('counts %s under a value', (_case, items, expected) => {
  const { store } = storeOf(...items);
  expect(store.count('colour', 'red')).toBe(expected);
  store.remove('a');
  expect(store.count('colour', 'red')).toBe(Math.max(0, expected - 1));
});

it('a change is complete, indexes included, before anybody hears of it', () => {
  const { store } = storeOf(item('a', ['red']));
  const seen: number[] = [];
  store.subscribe(() => seen.push(store.size, store.by('colour', 'red').length));
  store.replaceAll([item('b', ['red']), item('c', ['red'])]);
  expect(new Set(seen)).toEqual(new Set([2]));
});

it('a listener that throws stops neither the change nor the others', () => {
  const { store } = storeOf();
  store.subscribe(() => {
    throw new Error('mine');
  });
  const heard: string[] = [];
  store.subscribe(({ key }) => heard.push(key));
  expect(() => {
    store.apply(item('a'));
  }).toThrow('a listener of the store failed');
  expect([store.size, heard]).toEqual([1, ['a']]);
});

it('who has unsubscribed hears nothing more', () => {
  const { store } = storeOf();
  const heard: string[] = [];
  store.subscribe(({ key }) => heard.push(key))();
  store.apply(item('a'));
  expect(heard).toEqual([]);
});

it('an unknown index is a mistake that says so', () => {
  expect(() => storeOf().store.by('smell', 'x')).toThrow('the store has no index smell');
});

describe('waiting', () => {
  const clock = fakeClock();
  const get = (store: Store<Item>) => () => store.get('a');

  it('what is there already is given at once', async () => {
    const { store } = storeOf(item('a'));
    expect(await store.waitFor(get(store), { timeoutMs: 0, clock })).toEqual(item('a'));
  });

  it('a reader wakes at the change it waits for, and not at others', async () => {
    const { store } = storeOf();
    let reads = 0;
    const read = () => {
      reads++;
      return store.get('a');
    };
    const found = store.waitFor(read, { timeoutMs: 1_000, clock, on: { index: 'colour', value: 'red' } });
    store.apply(item('other', ['blue']));
    store.apply(item('a', ['red']));
    expect(await found).toEqual(item('a', ['red']));
    expect(reads).toBe(2);
  });

  it('a reader of an index value wakes also when an object leaves it', async () => {
    const { store } = storeOf(item('a', ['red']));
    const gone = () => (store.by('colour', 'red').length === 0 ? 'gone' : undefined);
    const found = store.waitFor(gone, { timeoutMs: 1_000, clock, on: { index: 'colour', value: 'red' } });
    store.apply(item('a', ['blue']));
    expect(await found).toBe('gone');
  });

  it('without a change the wait ends with nothing', async () => {
    const { store } = storeOf();
    const found = store.waitFor(get(store), { timeoutMs: 1_000, clock });
    await clock.advance(1_000);
    expect(await found).toBeUndefined();
  });

  it('an abort ends the wait with its reason, also one that came before', async () => {
    const { store } = storeOf();
    const controller = new AbortController();
    const options = { timeoutMs: 1_000, clock, signal: controller.signal };
    const found = store.waitFor(get(store), options);
    controller.abort(new Error('the client went away'));
    await expect(found).rejects.toThrow('the client went away');
    await expect(store.waitFor(get(store), options)).rejects.toThrow('the client went away');
  });

  it('a read that throws ends the wait with that', async () => {
    const { store } = storeOf();
    const found = store.waitFor(
      () => {
        if (store.size > 0) throw new Error('refused');
      },
      { timeoutMs: 1_000, clock },
    );
    store.apply(item('a'));
    await expect(found).rejects.toThrow('refused');
  });

  it('whoever is done leaves no timer behind', async () => {
    const { store } = storeOf();
    const before = clock.pending();
    const waits = Array.from({ length: 100 }, () => store.waitFor(get(store), { timeoutMs: 1_000, clock }));
    store.apply(item('a'));
    await Promise.all(waits);
    expect(clock.pending()).toBe(before);
  });
});
