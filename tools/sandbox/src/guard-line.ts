import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

let input: Writable | undefined;

/** Starts the process that outlives a crash of the sandbox; one for all. */
function startGuard(): Writable {
  const script = join(import.meta.dirname, 'guard.ts');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  child.stdin.on('error', () => undefined);
  return child.stdin;
}

/** Tells the guard, started with the first word, what to tidy up should the sandbox end without doing so itself. */
export function tellGuard(
  word: 'start' | 'end' | 'cluster' | 'no-cluster' | 'remove' | 'keep',
  about: number | string,
): void {
  input ??= startGuard();
  input.write(`${word} ${about}\n`);
}
