import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readValues } from '../chart/values-file.ts';

/** Flags of other programs that pages name in their sentences, each with whose it is. */
const OTHERS: Readonly<Record<string, string>> = {
  'skip-crds': 'helm',
  'no-hooks': 'helm',
  verb: 'kubectl create role',
  previous: 'kubectl logs',
  issuer: 'aad-pod-identity-migrate',
  'v8-pool-size': 'node',
  'max-semi-space-size': 'node',
  'heap-growing-percent': 'node',
  'expose-gc': 'node',
  'optimize-for-size': 'node',
  kubernetes: 'npm run e2e, cluster:build',
  only: 'cluster:build',
  name: 'cluster:up',
};

/** Every flag of the programs, from their pages of help, and those of others that pages name. */
export function knownFlags(root: string): ReadonlySet<string> {
  const pages = globSync('docs/flags/*.md', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'));
  const own = pages.flatMap((text) => [...text.matchAll(/^ {2}--?([\w-]+)/gm)].map(([, name = '']) => name));
  return new Set([...own, ...Object.keys(OTHERS), 'help', 'version']);
}

/** The flag that a piece of code is about, as in `--nmi-port` or `--redirection=none`; undefined if it is about none. */
export const flagIn = (code: string): string | undefined => /^--([\w-]+)(?:=\S*)?$/.exec(code)?.[1];

export interface Values {
  /** Names of folders of values, such as `mic`. */
  readonly folders: ReadonlySet<string>;
  /** Whether there is a value of that path, or a folder, or something that a value which is a map may hold. */
  readonly has: (path: string) => boolean;
}

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values of the chart, by their paths. */
export function knownValues(root: string): Values {
  const rows = readValues(readFileSync(join(root, 'charts/aad-pod-identity/values.yaml'), 'utf8'));
  const has = (path: string): boolean =>
    rows.some((row) => row.path === path || row.path.startsWith(`${path}.`) || withinMap(row, path));
  return { folders: new Set(rows.map(({ path }) => path.split('.')[0] ?? '')), has };
}

const withinMap = (row: { path: string; default: unknown }, path: string): boolean =>
  isMap(row.default) && path.startsWith(`${row.path}.`);

const NO_VALUES = /\.(json|yaml|md|ts|mjs|js|tgz|tpl)$/;

/** The path of a value that a piece of code names, as in `mic.tag` or `crds.upgrade: false`; undefined if it names none. */
export function valueIn(code: string, { folders }: Values): string | undefined {
  const [, path] = /^([a-zA-Z]+(?:\.[\w<>-]+)+)(?:: .*)?$/.exec(code) ?? [];
  if (path === undefined || NO_VALUES.test(path) || !folders.has(path.split('.')[0] ?? '')) return undefined;
  return path;
}

/** The paths that a command sets with `--set`. */
export function setIn(command: string): string[] {
  return [...command.matchAll(/--set(?:-string)?[ =]'?"?([\w.]+)(?:\[\d+\])?=/g)].map(([, path = '']) => path);
}

/** Every path of a values file, down to what is no map. */
export function pathsOf(values: unknown, prefix = ''): string[] {
  if (!isMap(values)) return [prefix];
  const entries = Object.entries(values as Readonly<Record<string, unknown>>);
  return entries.flatMap(([key, value]) => pathsOf(value, prefix === '' ? key : `${prefix}.${key}`));
}
