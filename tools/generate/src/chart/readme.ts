import { shownDefault, type ValueRow } from './values-file.ts';

const HEAD = `# Chart aad-pod-identity

Generated from \`values.yaml\` by \`npm run generate\`; not to be edited by hand. How to install, upgrade and remove it: [docs/install.md](../../docs/install.md).

## Values
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(rows: readonly ValueRow[]): string {
  const lines = rows.map(
    ({ path, help, default: value }) => `| \`${path}\` | ${cell(shownDefault(value))} | ${cell(help)} |`,
  );
  return ['| value | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

/** The chart's README: a table of its values for each folder of values.yaml. */
export function chartReadme(rows: readonly ValueRow[]): string {
  const sections = new Map<string, ValueRow[]>();
  for (const row of rows) {
    const section = row.path.includes('.') ? (row.path.split('.')[0] ?? '') : '';
    sections.set(section, [...(sections.get(section) ?? []), row]);
  }
  const parts = [...sections].map(([name, own]) => `### ${name === '' ? 'Of the whole' : name}\n\n${table(own)}\n`);
  return `${HEAD}\n${parts.join('\n')}`;
}
