import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');
export const env = { ...process.env, NX_DAEMON: 'false', NODE_OPTIONS: '' };

export interface Finding {
  readonly line: number;
  readonly rule: string;
}

/**
 * The boundary rule needs the project graph of Nx, which a fresh clone has not: without one the rule skips itself, and
 * says so in the middle of the linter's output.
 */
export function writeProjectGraph(): void {
  execFileSync(process.execPath, ['node_modules/.bin/nx', 'show', 'projects'], { cwd: root, env, stdio: 'pipe' });
}

/** Lints `source` as if it stood in `file`. */
export function findings(file: string, source: string): Finding[] {
  const run = spawnSync(
    process.execPath,
    ['node_modules/.bin/eslint', '--format', 'json', '--stdin', '--stdin-filename', file],
    { cwd: root, env, input: source, encoding: 'utf8' },
  );
  const [result] = JSON.parse(run.stdout) as [{ messages: { ruleId: string; line: number }[] }];
  return result.messages.map(({ ruleId, line }) => ({ rule: ruleId, line }));
}

/** The rules that object to `source`. */
export const rulesBroken = (file: string, source: string): string[] => findings(file, source).map(({ rule }) => rule);
