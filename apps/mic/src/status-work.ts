import { createKeyedQueue, type KeyedQueue } from '@aad-pod-identity/kube';
import { backoff, type Clock, runTasks } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { IdentityStatusWriter, type IdentityStatusWriterOptions } from './apply/write-identity-status.ts';
import type { IdentityFacts } from './azure/identity-facts.ts';
import type { Notices } from './notices.ts';
import { StatusPass } from './status-pass.ts';
import { allStatusKeys, type StatusKey, subscribeStatusTriggers } from './status-triggers.ts';
import { IdentityTally } from './world/identity-tally.ts';
import { objectKey, type Stores } from './world/stores.ts';

export interface StatusWorkOptions extends IdentityStatusWriterOptions {
  readonly stores: Stores;
  readonly notices: Notices;
  readonly facts: Pick<IdentityFacts, 'known' | 'subscribe'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often everything is looked at anew, in milliseconds. */
  readonly resyncMs: number;
}

/** Nobody waits for a condition as for a token: what comes together is told together, and few writes go at a time. */
const GATHER_MS = 200;
const CONCURRENCY = 4;
const RETRY = { baseMs: 1000, maxMs: 5 * 60_000 };

/** Tells the state of identities, and what is wrong with bindings, for as long as this instance leads. */
export class StatusWork {
  readonly #options: StatusWorkOptions;
  readonly #writer: IdentityStatusWriter;
  readonly #tally: IdentityTally;
  readonly #queue: KeyedQueue;

  constructor(options: StatusWorkOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#writer = new IdentityStatusWriter(options);
    this.#tally = new IdentityTally((identity) => {
      this.#add(`identity ${identity}`);
    });
    const again = (key: StatusKey, ms: number): void => {
      this.#queue.addAfter(key, ms);
    };
    const pass = new StatusPass({ ...options, writer: this.#writer, tally: this.#tally, again });
    this.#queue = createKeyedQueue({
      ...{ clock, logger, concurrency: CONCURRENCY, backoff: backoff(RETRY) },
      work: (key, signal) => pass.run(key as StatusKey, signal),
    });
  }

  /** Keys ready to run. */
  depth(): number {
    return this.#queue.depth();
  }

  async run(signal: AbortSignal): Promise<void> {
    const ends = this.#subscribe();
    try {
      await runTasks(
        { queue: (until) => this.#queue.run(until), resync: (until) => this.#resync(until) },
        { signal, clock: this.#options.clock },
      );
    } finally {
      for (const end of ends) end();
    }
  }

  /** Once nobody finds reasons any more. */
  end(): void {
    this.#options.notices.clear();
  }

  #add(key: StatusKey): void {
    this.#queue.addAfter(key, GATHER_MS);
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { clock, resyncMs, stores } = this.#options;
    for (;;) {
      for (const key of allStatusKeys(stores)) this.#add(key);
      await clock.sleep(resyncMs, signal);
    }
  }

  #subscribe(): (() => void)[] {
    const { stores, notices, facts } = this.#options;
    return [
      this.#tally.follow(stores),
      stores.identities.subscribe(({ object }) => {
        this.#writer.seen(objectKey(object));
      }),
      subscribeStatusTriggers(stores, (key) => {
        this.#add(key);
      }),
      notices.subscribe((identity) => {
        this.#add(`identity ${identity}`);
      }),
      facts.subscribe((armId) => {
        for (const identity of stores.identities.by('arm', armId)) this.#add(`identity ${objectKey(identity)}`);
      }),
    ];
  }
}
