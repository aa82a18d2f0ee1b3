import { backoff } from './backoff.ts';

describe('backoff', () => {
  const waits = (random: number) => {
    const wait = backoff({ baseMs: 100, maxMs: 1_000, random: () => random });
    return [0, 1, 2, 3, 4, 5_000].map((attempt) => wait(attempt));
  };

  it.each<[sentence: string, random: number, expected: number[]]>([
    ['doubles up to the longest wait', 0.5, [100, 200, 400, 800, 1_000, 1_000]],
    ['draws up to a fifth less', 0, [80, 160, 320, 640, 800, 800]],
    ['draws up to a fifth more, never beyond the longest wait', 1, [120, 240, 480, 960, 1_000, 1_000]],
  ])('%s', (_, random, expected) => {
    expect(waits(random)).toEqual(expected);
  });
});
