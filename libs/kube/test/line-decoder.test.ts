import fc from 'fast-check';
import { createLineDecoder } from '../src/line-decoder.ts';

function decode(bytes: Buffer, cuts: readonly number[], maxLineBytes?: number): { lines: string[]; pending: number } {
  const decoder = createLineDecoder(maxLineBytes);
  const lines: string[] = [];
  const ends = [...cuts].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    decoder.push(bytes.subarray(start, end), (line) => lines.push(line.toString('utf8')));
    start = end;
  }
  return { lines, pending: decoder.pendingBytes };
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((line) => line !== '' && !line.includes('\n'));

it('lines come out as they went in, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat()), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const places = cuts.map((cut) => cut % (bytes.length + 1));
      expect(decode(bytes, places)).toEqual({ lines, pending: 0 });
    }),
  );
});

it('an object of 1 MB may be cut at any byte', () => {
  const object = JSON.stringify({ data: 'ü€😀x'.repeat(100_000) });
  const bytes = Buffer.from(`${object}\n`);
  expect(bytes.length).toBeGreaterThan(1_000_000);
  // every place around the characters of several bytes, in the middle and at both ends
  for (const base of [0, 500_000, bytes.length - 24]) {
    for (let at = base; at < base + 24; at++) expect(decode(bytes, [at]).lines).toEqual([object]);
  }
});

it('an object of 1 MB may come a few bytes at a time', () => {
  const object = JSON.stringify({ data: 'ü'.repeat(500_000) });
  const bytes = Buffer.from(`${object}\n`);
  const cuts = Array.from({ length: Math.floor(bytes.length / 7) }, (_, index) => index * 7);
  expect(decode(bytes, cuts).lines).toEqual([object]);
});

it('what has no end yet is counted and not given', () => {
  expect(decode(Buffer.from('one\ntw'), [])).toEqual({ lines: ['one'], pending: 2 });
});

it('empty lines are passed over', () => {
  expect(decode(Buffer.from('\n\none\n\n'), [1]).lines).toEqual(['one']);
});

it('a line that never ends is refused instead of filling the memory', () => {
  expect(() => decode(Buffer.alloc(11, 'x'), [5], 10)).toThrow('a line is longer than 10 bytes');
});
