import { type ArmClient, ArmError, type AssignedIdentity } from '@aad-pod-identity/azure-arm';
import { createKeyedQueue, type KeyedQueue } from '@aad-pod-identity/kube';
import { backoff, type Clock, type Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { faultOf } from '../apply/faults.ts';
import { contradicts, type Existence, type IdentityFact, type KnownIdentity, UNASKED } from '../plan/outdated.ts';

export interface IdentityFactsOptions {
  readonly arm: Pick<ArmClient, 'lookupIdentity'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An identity is looked up once in that time at most, in milliseconds. */
  readonly intervalMs: number;
  /** Called with the key of a VM or scale set that shows another client id than Azure says. */
  readonly contradicted: (key: string) => void;
}

interface Entry {
  known: KnownIdentity;
  /** Before then the identity is not looked up again (monotonic milliseconds). */
  dueAt: number;
  failures: number;
  wantedAt: number;
  /** By key: what a VM or scale set shows of the identity. */
  readonly shownBy: Map<string, AssignedIdentity>;
}

/** A few at a time: nobody waits for them, and what assigns identities is not to wait behind them. */
const CONCURRENCY = 4;
const LONGEST_REST_MS = 60 * 60_000;
/** What nobody wanted for so long is forgotten. */
const FORGET_MS = 2 * LONGEST_REST_MS;

/** A refused token of MIC's own says nothing of the identity, a right that is missing says that it stays that way. */
function existenceAfter({ code, status }: ArmError): Existence {
  if (code === 'notFound') return 'gone';
  return status === 403 ? 'unknown' : 'unasked';
}

function newEntry(): Entry {
  return { known: UNASKED, dueAt: -Infinity, failures: 0, wantedAt: 0, shownBy: new Map() };
}

/**
 * What Azure says of the identities that pods need, by lower-cased resource id. Nobody waits for it, and where it says
 * nothing, what the VM or scale set shows is all that is known.
 */
export class IdentityFacts {
  readonly #options: IdentityFactsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(armId: string) => void>();
  readonly #queue: KeyedQueue;
  readonly #restMs: (attempt: number) => number;

  constructor(options: IdentityFactsOptions) {
    const { clock, logger, intervalMs } = options;
    this.#options = options;
    this.#restMs = backoff({ baseMs: intervalMs, maxMs: Math.max(intervalMs, LONGEST_REST_MS), jitter: 0 });
    this.#queue = createKeyedQueue({
      ...{ clock, logger, concurrency: CONCURRENCY, backoff: this.#restMs },
      work: (armId, signal) => this.#ask(armId, signal),
    });
  }

  /** Looks identities up until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  /** What Azure said; undefined before the first answer. */
  get(armId: string): IdentityFact | undefined {
    return this.known(armId).fact;
  }

  known(armId: string): KnownIdentity {
    return this.#entries.get(armId)?.known ?? UNASKED;
  }

  /** Has identities looked up whose time has come; `shown` is what the VM or scale set `key` shows of each. */
  want(key: string, shown: ReadonlyMap<string, AssignedIdentity | undefined>): void {
    const now = this.#options.clock.monotonic();
    for (const [armId, there] of shown) {
      const entry = this.#entries.get(armId) ?? newEntry();
      this.#entries.set(armId, entry);
      entry.wantedAt = now;
      if (there === undefined) entry.shownBy.delete(key);
      else entry.shownBy.set(key, there);
      if (entry.dueAt <= now) this.#queue.add(armId);
    }
  }

  /** The VM or scale set `key` is gone: it shows nothing any more. */
  forgetPlace(key: string): void {
    for (const { shownBy } of this.#entries.values()) shownBy.delete(key);
  }

  /** Tells of each identity whose fact has changed, until the returned function is called. */
  subscribe(listener: (armId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #ask(armId: string, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#entries.get(armId);
    const now = this.#options.clock.monotonic();
    if (entry === undefined || entry.dueAt > now) return { kind: 'done' };
    entry.dueAt = now + this.#options.intervalMs;
    try {
      const fact = await this.#options.arm.lookupIdentity(armId, signal);
      entry.failures = 0;
      this.#learn(armId, entry, { fact, existence: 'exists', at: now });
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      this.#fail(armId, entry, error, now);
    }
    this.#forget(now);
    return { kind: 'done' };
  }

  /** Only some failures say something about the identity; after any other the last answer stands. */
  #fail(armId: string, entry: Entry, error: ArmError, now: number): void {
    const existence = existenceAfter(error);
    // One that is gone may be recreated at any time.
    entry.failures = existence === 'gone' ? 0 : entry.failures + 1;
    const restMs = this.#restMs(Math.max(0, entry.failures - 1));
    entry.dueAt = now + Math.max(restMs, error.retryAfterMs ?? 0);
    if (existence === 'unasked' && entry.known.fact !== undefined) return;
    this.#learn(armId, entry, { fact: { fault: faultOf(error) }, existence, at: now });
  }

  #learn(armId: string, entry: Entry, known: KnownIdentity): void {
    const before = entry.known.fact;
    entry.known = known;
    for (const [key, shown] of entry.shownBy) if (contradicts(shown, known)) this.#options.contradicted(key);
    if (JSON.stringify(before) === JSON.stringify(known.fact)) return;
    for (const listener of this.#listeners) listener(armId);
  }

  #forget(now: number): void {
    for (const [armId, { wantedAt }] of this.#entries) if (now - wantedAt > FORGET_MS) this.#entries.delete(armId);
  }
}
