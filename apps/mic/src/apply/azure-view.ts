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

  isKnown(memory: TargetMemory): boolean {
    const { clock, driftIntervalMs } = this.#options;
    const validMs = this.isUnderWay(memory) ? UNDER_WAY_MS : driftIntervalMs;
    return memory.observed !== undefined && clock.monotonic() - memory.observed.at < validMs;
  }

  /** Whether a write of ours most likely goes on there that nobody waits for. */
  isUnderWay({ observed, doubt }: TargetMemory): boolean {
    return observed !== undefined && isUnderWay(doubt, observed.identities, this.#options.clock.monotonic());
  }

  /** Whether what is not there stays away. */
  isFinal({ observed, doubt }: TargetMemory): boolean {
    return observed !== undefined && isFinal(doubt, observed.identities);
  }

  /**
   * Asks ARM what is there, unless that is known. A failure leaves it unknown, and is given back unless reading
   * pauses because of it.
   */
  async look({ key, target, memory }: Looked, signal: AbortSignal): Promise<ArmError | undefined> {
    if (this.isKnown(memory)) return undefined;
    memory.observed = undefined;
    const pause = this.#options.pauses.current('read', key, target);
    memory.fault = pause?.fault;
    if (pause !== undefined) return undefined;
    try {
      this.saw(memory, await this.#options.arm.getIdentities(target, signal));
      return undefined;
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      memory.fault = faultOf(error);
      return this.#options.pauses.note('read', key, target, error) ? undefined : error;
    }
  }

  saw(memory: TargetMemory, identities: ResourceIdentities): void {
    const now = this.#options.clock.monotonic();
    memory.observed = { identities, at: now };
    memory.doubt = doubtAfter(memory.doubt, identities, now);
  }

  /** A write ended in a way that does not tell what became of it. */
  lost(memory: TargetMemory): void {
    memory.observed = undefined;
    memory.doubt = this.#options.clock.monotonic();
  }
}
