import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Package {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly nx?: { readonly targets?: Readonly<Record<string, unknown>> };
}

const packageOf = (folder: string): Package =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;

/** Whether Jest would find a file by one of the patterns, as a part of a path. */
function findsTests(root: string, patterns: readonly string[], where: readonly string[]): boolean {
  const files = where.flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }));
  return patterns.every((pattern) => files.some((file) => file.includes(pattern)));
}

function benches(root: string): string[] {
  const main = readFileSync(join(root, 'tools/bench/src/main.ts'), 'utf8');
  return (/benches[^=]*= \{([^}]*)\}/.exec(main)?.[1] ?? '').split(',').map((name) => name.trim());
}

/** What a script's own arguments must fit, for those that take names. */
const ARGUMENTS: Readonly<Record<string, (root: string, names: readonly string[]) => boolean>> = {
  test: (root, names) => findsTests(root, names, ['apps', 'libs', 'tools']),
  e2e: (root, names) => findsTests(root, names, ['e2e']),
  bench: (root, names) => names.every((name) => benches(root).includes(name)),
};

/** Programs that pages start from the workspace, by the page of their flags: what the command has in it. */
const PROGRAMS: readonly (readonly [page: string, command: RegExp])[] = [
  ['sandbox', /^npm start\b/],
  ['aad-pod-identity-migrate', /\bapps\/migrate\/src\/main\.ts\b/],
];

/** Flags of a command that its program does not have. */
function flagProblem(root: string, words: readonly string[]): string | undefined {
  const [page] = PROGRAMS.find(([, command]) => command.test(words.join(' '))) ?? [];
  if (page === undefined) return undefined;
  const help = readFileSync(join(root, `docs/flags/${page}.md`), 'utf8');
  const flags = words.flatMap((word) => /^--([a-z][\w-]*)/.exec(word)?.[1] ?? []);
  const unknown = flags.find((flag) => !new RegExp(`^ {2}--${flag}\\b`, 'm').test(help));
  return unknown === undefined ? undefined : `${page} has no flag --${unknown}`;
}

function npmProblem(root: string, words: readonly string[]): string | undefined {
  if (words[1] === 'ci') return undefined;
  const script = words[1] === 'run' ? (words[2] ?? '') : (words[1] ?? '');
  if (packageOf(root).scripts?.[script] === undefined) return `package.json has no script ${script}`;
  const dashes = words.indexOf('--');
  const names = dashes === -1 ? [] : words.slice(dashes + 1).filter((word) => !word.startsWith('-'));
  if (ARGUMENTS[script]?.(root, names) === false) return `${script} knows nothing of ${names.join(' ')}`;
  return undefined;
}

function nxProblem(root: string, [, , verb, target = '']: readonly string[]): string | undefined {
  if (verb !== 'run') return `nx ${verb ?? ''}: only \`nx run <project>:<target>\` is looked at`;
  const [project = '', name = ''] = target.split(':');
  const folder = [`apps/${project}`, `libs/${project}`, `tools/${project}`].find((path) =>
    existsSync(join(root, path)),
  );
  const known = folder !== undefined && packageOf(join(root, folder)).nx?.targets?.[name] !== undefined;
  return known ? undefined : `no project has a target ${target}`;
}

/** What is wrong with a command of this workspace (npm, npx, node); undefined if nothing is, or it is another's. */
export function workspaceProblem(root: string, words: readonly string[]): string | undefined {
  if (words[0] === 'npm') return npmProblem(root, words) ?? flagProblem(root, words);
  if (words[0] === 'npx' && words[1] === 'nx') return nxProblem(root, words);
  const script = words.find((word) => word.endsWith('.ts'));
  if (script !== undefined && !existsSync(join(root, script))) return `there is no ${script}`;
  return flagProblem(root, words);
}
