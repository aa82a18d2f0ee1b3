import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../', import.meta.url);
const FOLDER = 'apps/mic/test/operators/';
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');

/** What the page shows for each row: file and test. */
const shown = read('docs/operators.md')
  .split('\n')
  .filter((line) => /^\| \d+ /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 6)
  .map(([, row = '', , file = '', test = '']) => ({ row, file: file.replaceAll('`', ''), test }));

const named = readdirSync(new URL(FOLDER, ROOT))
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) =>
    [...read(FOLDER + name).matchAll(/'(\d+: [^']+)'/g)].map(([, test = '']) => ({ file: FOLDER + name, test })),
  );

/** Those of ARM, VMs and scale sets, those of pods and of what MIC tells, those of leadership and installs. */
const ROWS = [
  ...['1', '2', '3', '4', '5', '8', '9', '10', '26', '28', '41'],
  ...['6', '7', '25', '38', '47'],
  ...['22', '23', '24', '27', '34', '36', '40', '42', '44'],
];

describe('docs/operators.md and the tests of MIC', () => {
  it.each(ROWS)('row %s has a test that is called after it', (row) => {
    expect(named.filter(({ test }) => test.startsWith(`${row}: `))).not.toEqual([]);
  });

  it.each(named.filter(({ test }) => ROWS.includes(test.split(':')[0] ?? '')))(
    'the page has $test',
    ({ file, test }) => {
      expect(shown).toContainEqual({ row: test.split(':')[0], file, test });
    },
  );

  it('the page has the regressions of the original', () => {
    const page = read('docs/operators.md');
    const tests = [...read(`${FOLDER}regressions.test.ts`).matchAll(/^it\('([^']+)'/gm)].map(([, test = '']) => test);
    expect(tests).toHaveLength(5);
    for (const test of tests) expect(page).toMatch(new RegExp(`\\| ${test} +\\|`));
  });
});
