import type { ResourceIdentities } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Doubt } from './apply/doubt.ts';
import { IdentityFaults } from './apply/faults.ts';
import { OwnWrites } from './apply/own-writes.ts';
import type { Fault } from './plan/target-plan.ts';

/** What MIC remembers of one VM or scale set between two passes. All of it can be lost: the next pass finds it again. */
export interface TargetMemory {
  /** What ARM said last, and when (monotonic milliseconds). */
  observed: { readonly identities: ResourceIdentities; readonly at: number } | undefined;
  doubt: Doubt;
  /** Why the last pass could not write or read; undefined when it could. */
  fault: Fault | undefined;
  readonly faults: IdentityFaults;
  readonly writes: OwnWrites;
  /** What was said about blocked bindings, so that it is said once. */
  blocked: ReadonlySet<string>;
  /** Since when a VM has no node (monotonic milliseconds). */
  nodelessSince: number | undefined;
}

/** Where something is owned already, the MIC before this one may have ended with a write on its way. */
export function newMemory(clock: Clock, ownsAnything: boolean): TargetMemory {
  return {
    observed: undefined,
    doubt: ownsAnything ? clock.monotonic() : undefined,
    fault: undefined,
    faults: new IdentityFaults(clock),
    writes: new OwnWrites(clock),
    blocked: new Set(),
    nodelessSince: undefined,
  };
}
