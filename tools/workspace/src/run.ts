import { spawn } from 'node:child_process';
import { once } from 'node:events';

async function exitCode([program = '', ...args]: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const child = spawn(program, args, { stdio });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Runs a command whose output the user sees. @throws an Error that names the program if it fails */
export async function run(command: readonly string[]): Promise<void> {
  const code = await exitCode(command, 'inherit');
  if (code !== 0) throw new Error(`${command[0] ?? ''} ended with ${code}`);
}

/** Whether a program is there and ends well. */
export async function works(command: readonly string[]): Promise<boolean> {
  try {
    return (await exitCode(command, 'ignore')) === 0;
  } catch {
    return false;
  }
}
