/** MIC and NMI from their sources, as processes on a real API server, with arguments of the chart. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Program {
  /** Its log so far. */
  readonly lines: readonly string[];
  /** Ends it in order and gives its exit code. */
  stop(): Promise<number | null>;
}

export function startProgram(name: 'mic' | 'nmi', args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const main = join(import.meta.dirname, `../../apps/${name}/src/main.ts`);
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  return {
    lines,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}
