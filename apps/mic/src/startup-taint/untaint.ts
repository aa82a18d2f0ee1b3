import { createKeyedQueue, isKubeError, type KeyedQueue, type KubeClient, nodes } from '@aad-pod-identity/kube';
import { backoff, type Clock, type Outcome, type Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Stores } from '../world/stores.ts';
import { untaintPatch } from './taint.ts';

export interface UntaintOptions {
  readonly client: KubeClient;
  readonly stores: Pick<Stores, 'nodes' | 'nmi'>;
  /** Key of the taint that new nodes come with; empty for none. */
  readonly key: string;
  /** Where NMI runs beside MIC: pods elsewhere that look like NMI may be anybody's. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CONCURRENCY = 4;
const RETRY = { baseMs: 500, maxMs: 60_000 };
const DONE: Outcome = { kind: 'done' };

/** Takes the startup taint off each node on which an NMI is ready, so that no pod starts before its tokens can come. */
class Untainter {
  readonly #options: UntaintOptions;
  readonly #queue: KeyedQueue;

  constructor(options: UntaintOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#queue = createKeyedQueue({
      ...{ clock, logger, concurrency: CONCURRENCY, backoff: backoff(RETRY) },
      work: (node, signal) => this.#look(node, signal),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { stores } = this.#options;
    const ends = [
      stores.nodes.subscribe(({ object }) => {
        this.#queue.add(object.name);
      }),
      stores.nmi.subscribe(({ object }) => {
        this.#queue.add(object.node);
      }),
    ];
    for (const { name } of stores.nodes.list()) this.#queue.add(name);
    try {
      await this.#queue.run(signal);
    } finally {
      for (const end of ends) end();
    }
  }

  #isDue(node: string): boolean {
    const { stores, namespace } = this.#options;
    if (stores.nodes.get(node)?.isStarting !== true) return false;
    return stores.nmi.by('node', node).some((nmi) => nmi.isReady && nmi.namespace === namespace);
  }

  async #look(node: string, signal: AbortSignal): Promise<Outcome> {
    if (!this.#isDue(node)) return DONE;
    const { client, key, logger } = this.#options;
    try {
      const patch = untaintPatch(await client.get(nodes, { name: node }, { signal }), key);
      if (patch === undefined) return DONE;
      await client.patch(nodes, { name: node }, patch, { type: 'json' }, { signal });
      logger.info('nmi is ready, the startup taint is off', { node, taint: key });
      return DONE;
    } catch (error) {
      if (isKubeError(error, 'notFound')) return DONE;
      throw error;
    }
  }
}

export function untaint(options: UntaintOptions): Task {
  return (signal) => (options.key === '' ? Promise.resolve() : new Untainter(options).run(signal));
}
