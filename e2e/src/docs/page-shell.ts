/** A folder and an environment in which the commands of a page find what a reader's terminal has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fill, PLACEHOLDERS, VARIABLES } from '@aad-pod-identity/generate/docs';

const root = join(import.meta.dirname, '../../..');
/** What pages name of the clone that they are read in. */
const OF_CLONE = ['apps', 'charts', 'deploy', 'examples', 'node_modules', 'package.json'];
/** Seconds after which a command that would follow a log for ever is ended. */
const FOLLOW_SECONDS = 3;

type Table = Readonly<Record<string, string>>;

export interface PageShellOptions {
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly helm?: string;
  /** What every installation and upgrade is given besides what the page says: things of the test's cluster. */
  readonly helmValues?: readonly string[];
  readonly placeholders?: Table;
  readonly variables?: Table;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PageShell {
  /** Runs a block as a script that ends at its first failure. */
  readonly run: (block: string) => Promise<Ran>;
  /** Puts a block where later commands find it as a file. */
  readonly write: (name: string, content: string) => void;
  readonly fill: (content: string) => string;
  readonly close: () => void;
}

const kubectlScript = (path: string): string => `#!/bin/sh
case "$1 $*" in
  "logs "*" -f"*) timeout ${FOLLOW_SECONDS} '${path}' "$@"; code=$?; [ $code = 124 ] && exit 0; exit $code;;
esac
exec '${path}' "$@"
`;

const settings = (values: readonly string[]): string => values.map((value) => `'--set=${value}'`).join(' ');

/** A helm that was built without its release's version takes every cluster that it does not ask for an old one. */
const helmScript = (path: string, values: readonly string[]): string => `#!/bin/sh
case "$1" in
  install|upgrade) exec '${path}' "$@" ${settings(values)};;
  template) exec '${path}' "$@" --kube-version=1.35;;
esac
exec '${path}' "$@"
`;

function writeTools(folder: string, { kubectl, helm, helmValues = [] }: PageShellOptions): string {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'kubectl'), kubectlScript(kubectl), { mode: 0o755 });
  if (helm !== undefined) writeFileSync(join(bin, 'helm'), helmScript(helm, helmValues), { mode: 0o755 });
  return bin;
}

export function openPageShell(options: PageShellOptions): PageShell {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  for (const name of OF_CLONE) symlinkSync(join(root, name), join(folder, name));
  const bin = writeTools(folder, options);
  const variables = { ...VARIABLES, ...options.variables };
  const ofHelm = { HELM_CACHE_HOME: join(folder, '.helm'), HELM_CONFIG_HOME: join(folder, '.helm') };
  const env = { ...process.env, ...variables, ...ofHelm, HOME: folder, KUBECONFIG: options.kubeconfig };
  const filled = (content: string): string => fill(content, { ...PLACEHOLDERS, ...options.placeholders });
  return {
    fill: filled,
    write: (name, content) => {
      writeFileSync(join(folder, name), filled(content));
    },
    run: async (block) => {
      const path = `${bin}:${process.env.PATH ?? ''}`;
      const flags = ['-e', '-u', '-o', 'pipefail', '-c', filled(block)];
      const child = spawn('bash', flags, {
        cwd: folder,
        env: { ...env, PATH: path },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr, [code]] = await Promise.all([
        ...([text(child.stdout), text(child.stderr)] as const),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { code, stdout, stderr };
    },
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
