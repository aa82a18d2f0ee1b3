import type { FlagSpec } from './flag-spec.ts';
import type { FlagTable } from './flags.ts';

const INDENT = '      ';

function flagLine(name: string, spec: FlagSpec<unknown>): string {
  const spellings = [name, ...spec.aliases].map((spelling) => (spelling.length === 1 ? '-' : '--') + spelling);
  return `  ${spellings.join(', ')}${spec.bare === undefined ? ` ${spec.placeholder}` : ''}`;
}

function remarks(spec: FlagSpec<unknown>): string {
  const found = [
    spec.defaultText === '' ? undefined : `default ${spec.defaultText}`,
    spec.env === undefined ? undefined : `environment ${spec.env}`,
    spec.deprecated === undefined ? undefined : `no effect: ${spec.deprecated}`,
  ].filter((remark) => remark !== undefined);
  return found.length === 0 ? '' : ` (${found.join('; ')})`;
}

/** The text of `--help`: the program's one-line summary and every flag of `table`, in the table's order. */
export function helpText(program: { readonly name: string; readonly summary: string }, table: FlagTable): string {
  const flags = Object.entries(table).map(
    ([name, spec]) => `${flagLine(name, spec)}\n${INDENT}${spec.help}${remarks(spec)}`,
  );
  return [`${program.name} - ${program.summary}`, '', `Usage: ${program.name} [flags]`, '', ...flags, ''].join('\n');
}
