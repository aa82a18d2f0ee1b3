import { parseRetryAfter } from '../src/index.ts';

const NOW = Date.parse('2026-01-25T09:55:08Z');

const wishes: Record<string, [header: string | undefined, ms: number | undefined]> = {
  'a count of seconds': ['7', 7_000],
  'an HTTP date': ['Sun, 25 Jan 2026 09:55:38 GMT', 30_000],
  'a date that has passed': ['Sun, 25 Jan 2026 09:00:00 GMT', 0],
  'no header': [undefined, undefined],
  'a text that is neither': ['soon', undefined],
  'a negative count': ['-5', undefined],
  'a count that is no time': ['9'.repeat(30), undefined],
};

it.each(Object.entries(wishes))('Retry-After: %s', (_sentence, [header, ms]) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
