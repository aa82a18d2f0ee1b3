import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Does } from './inside.ts';

/** The mounts of this machine stay as they are: everything is mounted in a namespace that ends with its processes. */
const SETUP = 'mount -t sysfs none /sys && mount -t tmpfs none /run && mkdir /run/netns && exec "$0" "$1"';

/** A node with its network to itself, in namespaces that end with it. Its verbs are those of `inside.ts`. */
export class NodeInNamespaces {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'node-'));

  constructor() {
    const program = join(import.meta.dirname, 'inside.ts');
    this.#child = spawn('unshare', ['-n', '-m', 'sh', '-c', SETUP, process.execPath, program], {
      env: { ...process.env, NODE_FOLDER: this.#folder },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit').then(() => Promise.reject(new Error('the node has ended')));
    this.#ended.catch(() => undefined);
  }

  async start(): Promise<void> {
    await this.#answer();
    await this.do('knows', undefined);
  }

  async do<V extends keyof Does>(verb: V, what: Parameters<Does[V]>[0]): Promise<Awaited<ReturnType<Does[V]>>> {
    const answer = this.#answer();
    this.#child.send({ verb, what });
    return (await answer) as Awaited<ReturnType<Does[V]>>;
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended.catch(() => undefined);
    rmSync(this.#folder, { recursive: true });
  }

  async #answer(): Promise<unknown> {
    const [{ result, error }] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [
      { result?: unknown; error?: string },
    ];
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
