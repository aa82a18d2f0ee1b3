import { fitted } from './fitted.ts';

describe('a text that has to fit', () => {
  it.each([
    ['is left as it is where it fits', 'short', 5, 'short'],
    ['keeps its beginning and its end', 'who did what to whom, and then: the cause', 27, 'who did what [...] he cause'],
    ['is measured in bytes', 'ääääääääää', 15, 'ää [...] ä'],
    ['is not cut inside a character', '🙂🙂🙂🙂🙂', 18, '🙂 [...] 🙂'],
  ])('%s', (_sentence, text, maxBytes, expected) => {
    expect(fitted(text, maxBytes)).toBe(expected);
    expect(Buffer.byteLength(fitted(text, maxBytes))).toBeLessThanOrEqual(maxBytes);
  });
});
