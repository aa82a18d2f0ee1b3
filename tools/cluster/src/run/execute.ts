import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Execution {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever that is. @throws only if it cannot be started */
export async function execute(command: readonly string[], input: string | Buffer = ''): Promise<Execution> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  return { code: code ?? -1, stdout, stderr: signal === null ? stderr : `${stderr}ended by ${signal}` };
}

/** Runs a program that must succeed. @throws an Error with its command line and what it said */
export async function must(command: readonly string[], input?: string | Buffer): Promise<string> {
  const { code, stdout, stderr } = await execute(command, input);
  if (code === 0) return stdout;
  throw new Error(`${command.join(' ')} failed: ${(stderr || stdout).trim().split('\n').slice(-3).join(' | ')}`);
}
