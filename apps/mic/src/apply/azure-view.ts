import { type ArmClient, ArmError, type ResourceIdentities, type Target } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { TargetMemory } from '../target-memory.ts';
import { doubtAfter, isFinal, isUnderWay } from './doubt.ts';
import { faultOf } from './faults.ts';
import type { Pauses } from './pauses.ts';

export interface AzureViewOptions {
  readonly arm: ArmClient;
  readonly clock: Clock;
  readonly pauses: Pauses;
  /** How long what ARM said counts as known, in milliseconds. */
  readonly driftIntervalMs: number;
  /** Then somebody waits for what is taken off to be gone for good. */
  readonly isUninstalling: () => boolean;
}

interface Looked {
  readonly key: string;
  readonly target: Target;
  readonly memory: TargetMemory;
}

/** How often ARM is asked whether a write that nobody here waits for has ended. */
export const UNDER_WAY_MS = 5_000;

/** What is known of the identities on VMs and scale sets, and for how long. It is kept in their memories. */
export class AzureView {
  readonly #options: AzureViewOptions;

  constructor(options: AzureViewOptions) {
    this.#options = options;
  }

  /** While a write is waited for, what was there before it and is not in flight goes on being known. */
  isKnown(memory: TargetMemory): boolean {
    const { clock, driftIntervalMs, isUninstalling } = this.#options;
    if (memory.observed === undefined || memory.inFlight !== undefined) return memory.observed !== undefined;
    const validMs = this.isUnderWay(memory) || isUninstalling() ? UNDER_WAY_MS : driftIntervalMs;
    return clock.monotonic() - memory.observed.at < validMs;
  }

  /** Whether a write of ours goes on there: one that is waited for, or most likely one that nobody waits for. */
  isUnderWay({ observed, doubt, inFlight }: TargetMemory): boolean {
    if (inFlight !== undefined) return true;
    return observed !== undefined && isUnderWay(doubt, observed.identities, this.#options.clock.monotonic());
  }

  /** Whether what is not there stays away. */
  isFinal({ observed, doubt, inFlight }: TargetMemory): boolean {
    return inFlight === undefined && observed !== undefined && isFinal(doubt, observed.identities);
  }

  /**
   * Asks ARM what is there; what is known is known until the answer has come. A failure leaves it unknown, and is given
   * back unless reading pauses because of it.
   */
  async look({ key, target, memory }: Looked, signal: AbortSignal): Promise<ArmError | undefined> {
    if (!this.isKnown(memory)) memory.observed = undefined;
    const pause = this.#options.pauses.current('read', key, target);
    memory.readFault = pause?.fault;
    if (pause !== undefined) return undefined;
    try {
      this.saw(memory, await this.#options.arm.getIdentities(target, signal));
      return undefined;
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      memory.observed = undefined;
      memory.readFault = faultOf(error);
      return this.#options.pauses.note('read', key, target, error) ? undefined : error;
    }
  }

  saw(memory: TargetMemory, identities: ResourceIdentities): void {
    const now = this.#options.clock.monotonic();
    memory.observed = { identities, at: now };
    memory.doubt = doubtAfter(memory.doubt, identities, now);
  }

  /** A write ended in a way that does not tell what became of it: it may still be under way. */
  doubt(memory: TargetMemory): void {
    memory.doubt = this.#options.clock.monotonic();
  }

  /** As `doubt`, and ARM could not be asked since. */
  lost(memory: TargetMemory): void {
    memory.observed = undefined;
    this.doubt(memory);
  }
}
