import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually, type TestCluster } from './cluster.ts';

const PROGRAM = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** MIC as a process of its own, with its ordinary flags and environment. */
export class MicProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) throw new Error('no output');
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
    }
  }

  static of(cluster: TestCluster, ...args: string[]): MicProcess {
    return MicProcess.in(cluster, {}, ...args);
  }

  /** The same with more in its environment. */
  static in(cluster: TestCluster, more: Readonly<Record<string, string>>, ...args: string[]): MicProcess {
    const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: cluster.file('ca.pem'), ...cluster.env, ...more };
    return new MicProcess([...cluster.args, '--leader-election-duration=2s', ...args], env);
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited();
  }

  /** Stops it where it is, as a machine does that has no time for it; `wake` lets it go on. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  wake(): void {
    this.#child.kill('SIGCONT');
  }

  async exited(): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const [code] = (await once(this.#child, 'close')) as [number | null];
    return code;
  }

  async url(field: 'healthPort' | 'metricsPort', path: string): Promise<string> {
    const port = () => new RegExp(`msg=started.*${field}=(\\d+)`).exec(this.lines.join('\n'))?.[1];
    await eventually(() => port() !== undefined);
    return (await fetch(`http://127.0.0.1:${port() ?? ''}${path}`)).text();
  }
}
