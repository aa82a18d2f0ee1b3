import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { comment, oneLine } from '../../src/output/one-line.ts';
import { shellQuote } from '../../src/output/shell-quote.ts';

/** What a real shell makes of words. */
function words(shell: string, quoted: readonly string[]): string[] {
  const script = `printf '%s\\0' ${quoted.join(' ')}`;
  return execFileSync(shell, ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const NASTY = [
  '',
  ' ',
  "it's",
  "'; touch pwned; '",
  '"$(id)"',
  '`id`',
  '$HOME ${HOME}',
  'a\nb',
  'a\\',
  "a'\\''b",
  "'$x'",
  "'!!'",
  '~',
  '~root',
  '*',
  '-rf',
  '=ls',
  '#x',
  'a;b|c&d<e>f(g)h',
  '\u0007\u001b[31m',
  '{a,b}',
];

it.each(['sh', 'bash'])('every text is one word of %s, letter by letter', (shell) => {
  expect(words(shell, NASTY.map(shellQuote))).toEqual(NASTY);
});

it('so is any other', () => {
  const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 30 }), 200).filter((text) => !text.includes('\0'));
  expect(words('sh', texts.map(shellQuote))).toEqual(texts);
});

it('what needs no quotes has none', () => {
  expect(['system:serviceaccount:a:b', 'https://a.example.com/b', "[?a=='b']"].map(shellQuote)).toEqual([
    'system:serviceaccount:a:b',
    'https://a.example.com/b',
    `"[?a=='b']"`,
  ]);
});

it('a NUL is refused, which no word can hold', () => {
  expect(() => shellQuote('a\0b')).toThrow(RangeError);
});

it.each<[string, string, string]>([
  ['a line', 'a\nb', String.raw`a\u000ab`],
  ['a carriage return', 'a\rb', String.raw`a\u000db`],
  ['a line of Unicode', 'a\u2028b\u0085c', String.raw`a\u2028b\u0085c`],
  ['a terminal’s escape', '\u001b[2J', String.raw`\u001b[2J`],
  ['a text that runs backwards', 'a\u202eb', String.raw`a\u202eb`],
  ['nothing', 'äöü ✓', 'äöü ✓'],
])('in a comment, what ends or hides %s is shown as its code', (_what, text, shown) => {
  expect(oneLine(text)).toBe(shown);
  expect(comment(text)).toBe(`# ${shown}\n`);
});
