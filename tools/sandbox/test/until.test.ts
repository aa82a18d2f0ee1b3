import { systemClock } from '@aad-pod-identity/runtime';
import { fakeClock } from '@aad-pod-identity/testing';
import type { Sandbox } from '../src/sandbox.ts';
import { tellStory } from '../src/story/tell.ts';
import { until } from '../src/until.ts';

const never = () => new Promise<never>(() => undefined);
const reason = new Error('told to stop');

describe('waiting for an answer', () => {
  it('gives the first one', async () => {
    const clock = fakeClock();
    let asked = 0;
    const found = until(clock, 'third try', () => (++asked === 3 ? asked : undefined));
    await clock.advance(1_000);
    expect(await found).toBe(3);
  });

  it('says after the time what there was not', async () => {
    const clock = fakeClock();
    const found = until(clock, 'answer of the application', () => undefined, { timeoutMs: 2_000 });
    const failed = expect(found).rejects.toThrow('there was no answer of the application within 2 s');
    await clock.advance(3_000);
    await failed;
  });

  const moments: Record<string, () => Promise<undefined> | undefined> = {
    'between two questions': () => undefined,
    'in a question that nobody answers': never,
  };

  it.each(Object.entries(moments))('ends at once when it is told to, %s', async (_sentence, read) => {
    const controller = new AbortController();
    const found = until(fakeClock(), 'answer', read, { signal: controller.signal });
    controller.abort(reason);
    await expect(found).rejects.toBe(reason);
  });

  it('asks nothing once it was told to end', async () => {
    const asked: string[] = [];
    const signal = AbortSignal.abort(reason);
    await expect(until(fakeClock(), 'answer', () => void asked.push('asked'), { signal })).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });
});

it('a story ends at once when it is told to, whatever its step waits for', async () => {
  const controller = new AbortController();
  const sandbox = { clock: systemClock } as Sandbox;
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const told = tellStory(sandbox, [{ title: 'Waits for ever', run: never }], print, controller.signal);
  controller.abort(reason);
  await expect(told).rejects.toBe(reason);
  expect(printed).toEqual(['\n1. Waits for ever']);
});
