import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each<[text: string, milliseconds: number]>([
    ['0', 0],
    ['0s', 0],
    ['-0', 0],
    ['1h', 3_600_000],
    ['3600s', 3_600_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['1h1m1s1ms', 3_661_001],
    ['1s1s', 2_000],
    ['-1.5m', -90_000],
    ['+5s', 5_000],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 0.000001],
    ['0.1ns', 0],
    ['2562047h47m16.854775807s', 9_223_372_036_854.775],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '1', '-', '.', 's', '.s', '1 s', '1d', '1S', '1h ', ' 1h', '1h-1m', '--1h', '1e3s', '2562048h', '∞'])(
    'refuses %p, as Go does',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe('formatDuration', () => {
  it.each<[milliseconds: number, text: string]>([
    [0, '0s'],
    [0.000001, '1ns'],
    [0.0015, '1.5µs'],
    [500, '500ms'],
    [1.25, '1.25ms'],
    [1_500, '1.5s'],
    [60_000, '1m0s'],
    [90_000, '1m30s'],
    [3_600_000, '1h0m0s'],
    [5_400_000, '1h30m0s'],
    [86_400_000, '24h0m0s'],
    [-90_000, '-1m30s'],
  ])('prints %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });
});
