import {
  type ArmClient,
  ArmError,
  MAX_IDS_PER_UPDATE,
  type ResourceIdentities,
  type Target,
  type WriteTurn,
} from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import { isSettled } from './doubt.ts';

export interface AssignJob {
  readonly target: Target;
  /** Resource ids; an id is in one of the two at most. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly current: ResourceIdentities;
  /** Whether ARM refused this lower-cased id before: such ids are tried after the others and cannot hold them up. */
  readonly isSuspect: (armId: string) => boolean;
  /** Of the first write; those after it wait for theirs, and so does the first where there is none. */
  readonly turn: WriteTurn | undefined;
}

export interface AssignOptions {
  readonly arm: ArmClient;
  readonly clock: Clock;
  /** How often, and after how many milliseconds, a write that failed for a passing reason is tried again at once. */
  readonly maxRetries: number;
  readonly retryIntervalMs: number;
}

export interface AssignResult {
  /** What is on the resource now; undefined where a write ended in a way that does not tell. */
  readonly identities: ResourceIdentities | undefined;
  /** Lower-cased ids that ARM refused, each with its reason. */
  readonly refused: ReadonlyMap<string, ArmError>;
  /** What stopped everything else. */
  readonly error: ArmError | undefined;
}

interface Change {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

const sizeOf = ({ add, remove }: Change): number => add.length + remove.length;

function filterChange({ add, remove }: Change, keep: (armId: string) => boolean): Change {
  const kept = (id: string): boolean => keep(id.toLowerCase());
  return { add: add.filter(kept), remove: remove.filter(kept) };
}

/** The first `count` ids, removals first: they make room. */
function split({ add, remove }: Change, count: number): [Change, Change] {
  const fromAdd = Math.max(0, count - remove.length);
  return [
    { remove: remove.slice(0, count), add: add.slice(0, fromAdd) },
    { remove: remove.slice(count), add: add.slice(fromAdd) },
  ];
}

/** Failures that leave the resource as it was. After the others a write may be under way, of ours or of others. */
const DEFINITE: readonly ArmError['code'][] = ['badIdentities', 'denied', 'deleting'];
const PASSING: readonly ArmError['code'][] = ['conflict', 'unavailable', 'unreachable'];

class Assignment {
  readonly #job: AssignJob;
  readonly #options: AssignOptions;
  readonly #signal: AbortSignal;
  readonly #refused = new Map<string, ArmError>();
  #current: ResourceIdentities;

  constructor(job: AssignJob, options: AssignOptions, signal: AbortSignal) {
    this.#job = job;
    this.#options = options;
    this.#signal = signal;
    this.#current = job.current;
  }

  async run(): Promise<AssignResult> {
    const { isSuspect } = this.#job;
    try {
      await this.#inChunks(filterChange(this.#job, (armId) => !isSuspect(armId)));
      await this.#inChunks(filterChange(this.#job, isSuspect));
      return { identities: this.#current, refused: this.#refused, error: undefined };
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      const identities = DEFINITE.includes(error.code) ? this.#current : undefined;
      return { identities, refused: this.#refused, error };
    }
  }

  async #inChunks(change: Change): Promise<void> {
    for (let rest = change; sizeOf(rest) > 0;) {
      const [chunk, later] = split(rest, MAX_IDS_PER_UPDATE);
      await this.#narrowing(chunk);
      rest = later;
    }
  }

  /** Writes `change`, without those that ARM refuses. Ends: every step has fewer ids than the one before. */
  async #narrowing(change: Change): Promise<void> {
    if (sizeOf(change) === 0) return;
    try {
      this.#current = await this.#write(change);
    } catch (error) {
      if (!(error instanceof ArmError) || error.code !== 'badIdentities') throw error;
      await this.#without(change, error);
    }
  }

  async #without(change: Change, error: ArmError): Promise<void> {
    const named = new Set(error.ids?.map((id) => id.toLowerCase()));
    const rest = filterChange(change, (armId) => !named.has(armId));
    if (sizeOf(rest) < sizeOf(change)) {
      this.#refuse(
        filterChange(change, (armId) => named.has(armId)),
        error,
      );
      await this.#narrowing(rest);
    } else if (sizeOf(change) === 1) {
      this.#refuse(change, error);
    } else {
      for (const half of split(change, Math.ceil(sizeOf(change) / 2))) await this.#narrowing(half);
    }
  }

  #refuse({ add, remove }: Change, error: ArmError): void {
    for (const id of [...add, ...remove]) this.#refused.set(id.toLowerCase(), error);
  }

  async #write(change: Change): Promise<ResourceIdentities> {
    const { arm, maxRetries } = this.#options;
    const { target, turn } = this.#job;
    for (let attempt = 0, rest = change; ; attempt++) {
      try {
        if (sizeOf(rest) === 0) return this.#current;
        return await arm.updateIdentities(target, { ...rest, current: this.#current, turn }, this.#signal);
      } catch (error) {
        const passing = error instanceof ArmError && PASSING.includes(error.code);
        if (!passing || attempt >= maxRetries) throw error;
        rest = await this.#lookAgain(change);
        // What has failed may be what ARM works on: the next write waits for its end.
        if (!isSettled(this.#current)) throw error;
      }
    }
  }

  /** What is left of `change` a moment later: what failed may have been done, and others may have written meanwhile. */
  async #lookAgain(change: Change): Promise<Change> {
    const { arm, clock, retryIntervalMs } = this.#options;
    await clock.sleep(retryIntervalMs, this.#signal);
    this.#current = await arm.getIdentities(this.#job.target, this.#signal);
    const { userAssigned } = this.#current;
    return {
      add: change.add.filter((id) => !userAssigned.has(id.toLowerCase())),
      remove: change.remove.filter((id) => userAssigned.has(id.toLowerCase())),
    };
  }
}

/**
 * Brings one VM or scale set from `current` to what is planned: everything in one write where ARM lets it, without the
 * refused identities where it does not. ARM names them, or they are found by halving.
 * @throws the signal's reason
 */
export function assign(job: AssignJob, options: AssignOptions, signal: AbortSignal): Promise<AssignResult> {
  return new Assignment(job, options, signal).run();
}
