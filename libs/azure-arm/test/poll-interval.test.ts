import { pollIntervalMs } from '../src/poll-interval.ts';

describe('the next poll of a write', () => {
  it.each([
    [0, 200],
    [5_000, 200],
    [7_000, 280],
    [40_000, 1_600],
    [290_000, 10_000],
  ])('that has been under way for %d ms comes after %d ms', (elapsedMs, expected) => {
    expect(pollIntervalMs(elapsedMs)).toBe(expected);
  });

  it.each([
    [7_000, 34],
    [20_000, 61],
    [60_000, 89],
    [300_000, 130],
  ])('makes at most so many for a write of %d ms: %d', (writeMs, most) => {
    let polls = 0;
    for (let elapsed = 0; elapsed < writeMs; polls++) elapsed += pollIntervalMs(elapsed);
    expect(polls).toBeLessThanOrEqual(most);
  });

  it('finds the end of a write at most 4 % of its time late, and never more than 200 ms late below 5 s', () => {
    for (let writeMs = 1; writeMs <= 300_000; writeMs += 37) {
      let elapsed = 0;
      while (elapsed < writeMs) elapsed += pollIntervalMs(elapsed);
      expect(elapsed - writeMs).toBeLessThanOrEqual(Math.max(200, writeMs / 25));
    }
  });
});
