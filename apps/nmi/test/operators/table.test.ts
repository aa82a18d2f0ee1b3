import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');

/** The rows of a page's tables, as cells. */
const cells = read('docs/operators.md')
  .split('\n')
  .filter((line) => /^\| \d+ /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const shown = cells.filter((row) => row.length === 6).map(([, row, , file = '', test = '']) => ({ row, file, test }));
const left = cells.filter((row) => row.length === 5).map(([, row]) => row);

/** Those that concern NMI. */
const ROWS = [2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30].concat([
  ...[33, 35, 39, 41, 42, 43, 44, 45, 46, 47, 48],
]);

describe('docs/operators.md', () => {
  it.each(ROWS)('shows row %d, or says why not', (row) => {
    expect([...shown.map((each) => each.row), ...left]).toContain(String(row));
  });

  it.each(shown)('row $row names a test that is there: $test', ({ file, test }) => {
    const source = read(file.replaceAll('`', ''));
    expect(["'", '`'].some((quote) => source.includes(`${quote}${test}${quote}`))).toBe(true);
  });

  it('has every test that is named by a row', () => {
    const folder = 'apps/nmi/test/operators/';
    const files = readdirSync(new URL(folder, ROOT)).filter((name) => name.endsWith('.test.ts'));
    const named = files.flatMap((name) => [...read(folder + name).matchAll(/'(\d+: [^']+)'/g)].map(([, test]) => test));
    expect(shown.map(({ test }) => test)).toEqual(expect.arrayContaining(named));
  });
});
