import type { ResourceIdentities } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Doubt } from './apply/doubt.ts';
import { IdentityFaults } from './apply/faults.ts';
import { OwnWrites } from './apply/own-writes.ts';
import { Replacements } from './apply/replacements.ts';
import { Turns } from './apply/turns.ts';
import type { InFlight } from './plan/in-flight.ts';
import type { Fault } from './plan/target-plan.ts';

/** What MIC remembers of one VM or scale set between two passes. All of it can be lost: the next pass finds it again. */
export interface TargetMemory {
  /** What ARM said last, and when (monotonic milliseconds). */
  observed: { readonly identities: ResourceIdentities; readonly at: number } | undefined;
  doubt: Doubt;
  /** The write that is being waited for. */
  inFlight: InFlight | undefined;
  /** Why ARM could not be asked what is there; undefined when it could. */
  readFault: Fault | undefined;
  /** Why the last write failed or cannot be made; undefined once one has succeeded or nothing is to be written. */
  writeFault: Fault | undefined;
  readonly faults: IdentityFaults;
  readonly replacements: Replacements;
  readonly writes: OwnWrites;
  /** Both workers write records, never at the same time. */
  readonly recordTurns: Turns;
  /** Since when a VM has no node (monotonic milliseconds). */
  nodelessSince: number | undefined;
}

/** Where something is owned already, the MIC before this one may have ended with a write on its way. */
function newMemory(clock: Clock, ownsAnything: boolean): TargetMemory {
  return {
    observed: undefined,
    doubt: ownsAnything ? clock.monotonic() : undefined,
    ...{ inFlight: undefined, readFault: undefined, writeFault: undefined },
    faults: new IdentityFaults(clock),
    replacements: new Replacements(clock),
    writes: new OwnWrites(clock),
    recordTurns: new Turns(),
    nodelessSince: undefined,
  };
}

interface Entry {
  readonly memory: TargetMemory;
  users: number;
}

/** The memories of all VMs and scale sets. Both workers of one share its memory: it never goes while one of them uses it. */
export class Memories {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #over = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lends the memory of `key` to `work`. */
  async lend<T>(key: string, ownsAnything: boolean, work: (memory: TargetMemory) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key) ?? { memory: newMemory(this.#clock, ownsAnything), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    this.#over.delete(key);
    try {
      return await work(entry.memory);
    } finally {
      entry.users--;
      if (entry.users === 0 && this.#over.delete(key)) this.#entries.delete(key);
    }
  }

  /** What is remembered of `key` now. */
  get(key: string): TargetMemory | undefined {
    return this.#entries.get(key)?.memory;
  }

  /** The memory of `key` is of no use any more, unless somebody borrows it again. */
  forget(key: string): void {
    if (this.#entries.has(key)) this.#over.add(key);
  }
}
