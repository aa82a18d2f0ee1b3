import { endOfTurn } from '@aad-pod-identity/runtime';
import { Slots } from '../../src/apply/slots.ts';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => endOfTurn(resolve));
};

function setUp(count: number) {
  const slots = new Slots(count);
  const began: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<undefined>>();
  const start = (name: string): Promise<unknown> => {
    const end = Promise.withResolvers<undefined>();
    ends.set(name, end);
    return slots.run(() => {
      began.push(name);
      return end.promise;
    });
  };
  return { began, start, end: (name: string) => ends.get(name) };
}

it('so many begin at once, the others in their order as places become free', async () => {
  const { began, start, end } = setUp(2);
  const all = ['a', 'b', 'c', 'd'].map(start);
  await turns();
  expect(began).toEqual(['a', 'b']);
  end('b')?.resolve(undefined);
  await turns();
  expect(began).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c', 'd']) end(name)?.resolve(undefined);
  await Promise.all(all);
  expect(began).toEqual(['a', 'b', 'c', 'd']);
});

it('a job that fails frees its place as well', async () => {
  const { began, start, end } = setUp(1);
  const [first, second] = ['a', 'b'].map(start);
  end('a')?.reject(new Error('it fails'));
  await expect(first).rejects.toThrow('it fails');
  end('b')?.resolve(undefined);
  await second;
  expect(began).toEqual(['a', 'b']);
});
