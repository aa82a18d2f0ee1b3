import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: Readable;
}

/**
 * Runs a program and gives what it printed.
 * @throws an Error with the last lines of its output if it fails
 */
export async function runQuietly(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(program, args, { env: options.env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  if (options.input === undefined) child.stdin.end();
  else options.input.pipe(child.stdin);
  const [stdout, all]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return Buffer.concat(stdout).toString('utf8');
  throw new Error(`${program} ${args[0] ?? ''} failed: ${lastLines(Buffer.concat(all).toString('utf8'))}`);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
