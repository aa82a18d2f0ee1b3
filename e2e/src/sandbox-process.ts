import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A sandbox as a user starts it, for tests that act on it from outside. */
export interface SandboxProcess {
  readonly child: ChildProcess;
  readonly pageUrl: string;
  readonly folder: string;
  readonly kubeconfig: string;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

const main = join(import.meta.dirname, '../../tools/sandbox/src/main.ts');

/** @throws an Error with everything it printed if it ends before it is ready */
export async function startSandboxProcess(...flags: string[]): Promise<SandboxProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const args = [main, '--port=0', `--folder=${folder}`, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    child,
    pageUrl: await urlOfPage(child),
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill('SIGINT');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

async function urlOfPage({ stdout }: ChildProcess): Promise<string> {
  const lines: string[] = [];
  if (stdout === null) throw new Error('the sandbox has no output');
  for await (const line of createInterface({ input: stdout })) {
    lines.push(line);
    const [, url] = /The page: (\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  throw new Error(`the sandbox ended before it was ready: ${lines.join(' | ')}`);
}
