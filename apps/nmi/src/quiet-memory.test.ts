import { fakeClock } from '@aad-pod-identity/testing';
import { quietMemory } from './quiet-memory.ts';

const QUIET_MS = 30_000;

describe('quietMemory', () => {
  /** Half a minute each: whether something is asked in it. Gives how often memory was given back by the end of each. */
  async function givenBack(asked: readonly boolean[]): Promise<number[]> {
    const clock = fakeClock();
    const stop = new AbortController();
    let times = 0;
    const memory = quietMemory(clock, () => {
      times++;
    });
    const running = memory.run(stop.signal).catch(() => undefined);
    const seen: number[] = [];
    for (const isAsked of asked) {
      if (isAsked) memory.asked();
      await clock.advance(QUIET_MS);
      seen.push(times);
    }
    stop.abort();
    await running;
    return seen;
  }

  it.each<[sentence: string, asked: boolean[], expected: number[]]>([
    ['gives back what the start needed', [false], [1]],
    ['does so once for a quiet time', [false, false, false], [1, 1, 1]],
    ['leaves a busy time alone', [true, true, true], [0, 0, 0]],
    ['does so again after each busy time', [true, false, true, true, false, false], [0, 1, 1, 1, 2, 2]],
  ])('%s', async (_, asked, expected) => {
    await expect(givenBack(asked)).resolves.toEqual(expected);
  });
});
