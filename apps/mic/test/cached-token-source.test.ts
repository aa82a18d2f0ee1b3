import { fakeClock } from '@aad-pod-identity/testing';
import { cached } from '../src/azure/cached-token-source.ts';

const HOUR_S = 3600;

function scene() {
  const clock = fakeClock();
  let count = 0;
  const state = { down: false };
  const source = cached(
    {
      getToken: async (audience) => {
        await Promise.resolve();
        if (state.down) throw new Error('no token');
        return { token: `${audience}-${++count}`, expiresOn: clock.now() / 1000 + HOUR_S };
      },
    },
    clock,
  );
  const get = async (): Promise<string> => (await source.getToken('arm')).token;
  return { clock, state, get };
}

it('those who ask at the same time share one token', async () => {
  const { get } = scene();
  expect(await Promise.all([get(), get(), get()])).toEqual(['arm-1', 'arm-1', 'arm-1']);
});

it('a token is kept until shortly before its end', async () => {
  const { clock, get } = scene();
  await get();
  await clock.advance((HOUR_S - 301) * 1000);
  expect(await get()).toBe('arm-1');
  await clock.advance(2000);
  expect(await get()).toBe('arm-2');
});

it('a token that cannot be renewed is used on while it is good', async () => {
  const { clock, state, get } = scene();
  await get();
  state.down = true;
  await clock.advance((HOUR_S - 60) * 1000);
  expect(await get()).toBe('arm-1');
  await clock.advance(60_000);
  await expect(get()).rejects.toThrow('no token');
});
