/** What pages quote: sentences of the programs, and names of tests. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGES, ROOT } from './pages.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const textOf = (path: string): string => PAGES.find((page) => page.path === path)?.text ?? '';
const cellsOf = (row: string): string[] => row.split(/(?<!\\)\|/).map((cell) => cell.trim());
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map(cellsOf);

const troubleshooting = textOf('docs/troubleshooting.md');
const SOURCES = ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'charts/*/templates/**/*.tpl', 'charts/*/files/**/*'];
const sources = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
  .filter((path) => !path.endsWith('.test.ts') && /\.\w+$/.test(path))
  .map(read)
  .join('\n');

/** Words of others: of Azure, of Helm, of Kubernetes. */
const OF_OTHERS =
  /^(AADSTS\d+|conflict occurred while applying object|[A-Z]\w+(Failed|Operation|NotFound|PropertyId|Parameter|Throttled|Requests|Locked))$/;
const HEADS = ['you see', 'status', 'reason', 'description of the 403', 'NMI says', 'MIC says', 'it says', 'ARM says'];

/** The quoted sentences of a table's first two columns, without what differs from case to case. */
const quoted = rowsOf(troubleshooting)
  .filter(([, first = '']) => !HEADS.includes(first))
  .flatMap(([, first = '', second = '']) =>
    [...`${first} ${second}`.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
  )
  .filter((text) => text.includes(' ') && !/^(kubectl|helm|az) |^[\w.]+: \w+$/.test(text) && !OF_OTHERS.test(text))
  .flatMap((text) => text.split(/<[^>]+>|\.\.\./))
  .map((text) => text.trim())
  .filter((text) => text.length > 4);

describe('docs/troubleshooting.md', () => {
  it.each([...new Set(quoted)])('"%s" is what a program says', (text) => {
    expect(sources.includes(text)).toBe(true);
  });

  const reasons = [...read('apps/mic/src/plan/reasons.ts').matchAll(/^ {2}([A-Z]\w+): (?:row|\{)/gm)];

  it('the closed list of reasons is found', () => {
    expect(reasons.length).toBeGreaterThan(10);
  });

  it.each([
    ...reasons.map(([, reason = '']) => reason),
    ...['Assigned', 'ClientIDMismatch', 'Assigning', 'NotBound', 'NoPods'],
  ])('has a row for the reason %s', (reason) => {
    expect(rowsOf(troubleshooting).filter(([, first]) => first === `\`${reason}\``)).toHaveLength(1);
  });

  const answers = [...read('apps/nmi/src/errors.ts').matchAll(/description: '([^']+)'/g)].map(([, text = '']) => text);

  it.each([...new Set(answers)])('has a row for the answer "%s" of NMI', (description) => {
    expect(rowsOf(troubleshooting).some(([, , second = '']) => second.includes(`\`${description}\``))).toBe(true);
  });

  const faults = /const REASONS[^=]*= \{([^}]*)\}/.exec(read('apps/mic/src/apply/faults.ts'))?.[1] ?? '';

  it.each([...faults.matchAll(/'(\w+)'/g)].map(([, reason = '']) => reason))(
    'names %s, a word of MIC’s own',
    (reason) => {
      expect(troubleshooting).toContain(`\`${reason}\``);
    },
  );
});

describe('docs/threat-model.md', () => {
  const rows = rowsOf(textOf('docs/threat-model.md'))
    .filter((cells) => /^`.*\.test\.ts`$/.test(cells[3] ?? ''))
    .map(([, attack = '', , file = '', test = '']) => [attack, file.replaceAll('`', ''), test] as const);

  it('names a test for each attack', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows)('%s: %s has "%s"', (_, file, test) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(read(file)).toContain(test);
  });
});
