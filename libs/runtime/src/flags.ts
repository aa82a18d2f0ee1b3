import type { FlagSpec } from './flag-spec.ts';

/** One declared table per program: flag name without dashes -> what it takes. */
export type FlagTable = Readonly<Record<string, FlagSpec<unknown>>>;

/** The values of a table's flags, under the flags' own names. */
export type FlagValues<T extends FlagTable> = {
  readonly [Name in keyof T]: T[Name] extends FlagSpec<infer V> ? V : never;
};

/** What the user typed cannot be used; the message is one line that names the flag, what was found, what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** Found values are quoted and kept short: a whole file pasted into a flag still gives one readable line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function unknownFlag(table: FlagTable, name: string): UsageError {
  const ranked = Object.keys(table)
    .map((known) => ({ known, away: distance(name.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  const nearest = ranked[0];
  const near = nearest !== undefined && nearest.away <= Math.max(1, Math.floor(name.length / 3));
  return new UsageError(`unknown flag --${name}${near ? `; did you mean --${nearest.known}?` : '; see --help'}`);
}

function readValue(spec: FlagSpec<unknown>, source: string, text: string): unknown {
  const value = spec.read(text);
  if (value === undefined) throw new UsageError(`${source}: ${quote(text)} is not ${spec.allowed}`);
  return value;
}

interface Given {
  readonly name: string;
  readonly text: string;
}

/** `argv` as name and text pairs, in order; every rule about dashes, `=` and missing values is here. */
function* readArguments(
  table: FlagTable,
  names: ReadonlyMap<string, string>,
  argv: readonly string[],
): Iterable<Given> {
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const [, given = '', text] = /^--?([^-=][^=]*)(?:=([^]*))?$/.exec(argument) ?? [];
    if (given === '') throw new UsageError(`unexpected argument ${quote(argument)}; only flags are taken`);
    const name = names.get(given);
    const spec = name === undefined ? undefined : table[name];
    if (name === undefined || spec === undefined) throw unknownFlag(table, given);
    if (text !== undefined) {
      yield { name, text };
      continue;
    }
    const next = argv[index + 1];
    const separate = spec.bare === undefined ? next?.startsWith('--') === false : isValue(spec, next);
    if (!separate && spec.bare === undefined) throw new UsageError(`--${given}: needs a value, ${spec.allowed}`);
    yield { name, text: (separate ? next : spec.bare) ?? '' };
    if (separate) index++;
  }
}

/** After a flag that may stand alone, only a text that can be nothing but its value is taken as one. */
function isValue(spec: FlagSpec<unknown>, text: string | undefined): boolean {
  return text !== undefined && spec.read(text) !== undefined;
}

function flagNames(table: FlagTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, spec] of Object.entries(table)) {
    for (const spelling of [name, ...spec.aliases]) names.set(spelling, name);
  }
  return names;
}

function valueOf(spec: FlagSpec<unknown>, given: readonly unknown[], fromEnv: unknown): unknown {
  if (fromEnv === true) return true;
  if (given.length === 0) return fromEnv ?? spec.default;
  return spec.repeat === 'append' ? given.flat() : given.at(-1);
}

/**
 * Reads Go-style flags: `--flag=value`, `--flag value`, `-flag`, bare booleans; the last one wins; a flag wins over its
 * environment variable, that over the default. An empty environment variable counts as not set.
 * @throws UsageError at the first thing that cannot be used
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): FlagValues<T> {
  const given = new Map<string, unknown[]>();
  for (const { name, text } of readArguments(table, flagNames(table), argv)) {
    const spec = table[name] as FlagSpec<unknown>;
    given.set(name, [...(given.get(name) ?? []), readValue(spec, `--${name}`, text)]);
  }
  const values = Object.entries(table).map(([name, spec]) => {
    const text = spec.env === undefined ? undefined : env[spec.env];
    const fromEnv = text ? readValue(spec, `${spec.env} (environment)`, text) : undefined;
    return [name, valueOf(spec, given.get(name) ?? [], fromEnv)];
  });
  return Object.fromEntries(values) as FlagValues<T>;
}

/** One sentence for each flag of `argv` that is accepted for the sake of old installations and does nothing. */
export function ignoredFlags(table: FlagTable, argv: readonly string[]): string[] {
  const named = [...readArguments(table, flagNames(table), argv)].map(({ name }) => name);
  return [...new Set(named)].flatMap((name) => {
    const reason = table[name]?.deprecated;
    return reason === undefined ? [] : [`--${name} has no effect: ${reason}`];
  });
}
