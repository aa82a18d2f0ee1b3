import { execFile } from 'node:child_process';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Far beyond the wait for the lock that all users of iptables share: a call that takes longer hangs. */
const TIMEOUT_MS = 30_000;
/** The whole of a big cluster's mangle table, or of a node's connections. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Runs a program, without a shell between. Rejects only if it cannot be run to its end. */
export function runProgram(program: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT, encoding: 'utf8' } as const;
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new Error(`the program ${program} cannot be run`, { cause: error }));
    });
  });
}
