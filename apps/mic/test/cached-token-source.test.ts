import { fakeClock } from '@aad-pod-identity/testing';
import { cached } from '../src/azure/cached-token-source.ts';

const HOUR_S = 3600;

function scene() {
  const clock = fakeClock();
  let count = 0;
  const state = { down: false, setByMs: 0 };
  const wall = { ...clock, now: () => clock.now() + state.setByMs };
  const source = cached(
    {
      getToken: async (audience) => {
        await Promise.resolve();
        if (state.down) throw new Error('no token');
        return { token: `${audience}-${++count}`, expiresOn: wall.now() / 1000 + HOUR_S };
      },
    },
    wall,
  );
  const get = async (): Promise<string> => (await source.getToken('arm')).token;
  return { clock, state, get, source, asked: () => count };
}

it('those who ask at the same time share one token', async () => {
  const { get } = scene();
  expect(await Promise.all([get(), get(), get()])).toEqual(['arm-1', 'arm-1', 'arm-1']);
});

it('a token is kept until shortly before its end, and used on while the next is on its way', async () => {
  const { clock, get } = scene();
  await get();
  await clock.advance((HOUR_S - 301) * 1000);
  expect(await get()).toBe('arm-1');
  await clock.advance(2000);
  expect(await get()).toBe('arm-1');
  await clock.advance(1);
  expect(await get()).toBe('arm-2');
});

it('a token that cannot be renewed is used on while it is good, and the next is asked for with rests', async () => {
  const { clock, state, get } = scene();
  await get();
  state.down = true;
  await clock.advance((HOUR_S - 60) * 1000);
  expect(await get()).toBe('arm-1');
  state.down = false;
  await clock.advance(9_000);
  expect([await get(), await get()]).toEqual(['arm-1', 'arm-1']);
  await clock.advance(1_000);
  await get();
  await clock.advance(1);
  expect(await get()).toBe('arm-2');
  state.down = true;
  await clock.advance((HOUR_S - 10) * 1000);
  await expect(get()).rejects.toThrow('no token');
});

it.each([
  ['forward', HOUR_S],
  ['back', -HOUR_S],
])('a token lasts as long as it does when the clock of the machine is set %s by an hour', async (_way, seconds) => {
  const { clock, state, get } = scene();
  await get();
  state.setByMs = seconds * 1000;
  expect(await get()).toBe('arm-1');
  await clock.advance((HOUR_S - 20) * 1000);
  expect(await get()).toBe('arm-2');
});

it('a token that is refused is not used again, but one that is refused at once is no better the next time', async () => {
  const { clock, get, source, asked } = scene();
  source.refused?.('arm', await get());
  expect(await get()).toBe('arm-1');
  await clock.advance(10_000);
  source.refused?.('arm', 'another');
  expect(await get()).toBe('arm-1');
  source.refused?.('arm', 'arm-1');
  expect([await get(), asked()]).toEqual(['arm-2', 2]);
});
