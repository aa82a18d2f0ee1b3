import type { ArmError } from '@aad-pod-identity/azure-arm';
import { backoff, type Clock } from '@aad-pod-identity/runtime';
import type { Fault } from '../plan/target-plan.ts';

interface Entry {
  readonly fault: Fault;
  readonly attempts: number;
  readonly until: number;
}

/** Exact, so that identities that failed together are tried together: one write for all of them. */
const rest = backoff({ baseMs: 10_000, maxMs: 10 * 60_000, jitter: 0 });

/** One word for the condition, from ARM's own code where there is one; the line for people does not repeat it. */
export function faultOf(error: ArmError): Fault {
  return { reason: error.armCode ?? REASONS[error.code], message: error.detail };
}

const REASONS: Readonly<Record<ArmError['code'], string>> = {
  badIdentities: 'IdentityRefused',
  notFound: 'ComputeResourceNotFound',
  unauthorized: 'Unauthorized',
  denied: 'DenyAssignment',
  throttled: 'Throttled',
  conflict: 'Conflict',
  deleting: 'ComputeResourceDeleting',
  timeout: 'Timeout',
  unreachable: 'ArmUnreachable',
  unavailable: 'ArmUnavailable',
  failed: 'ArmFailed',
};

/** The identities of one VM or scale set that ARM refused: each rests for itself, longer after each failure. */
export class IdentityFaults {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(armId: string, error: ArmError): void {
    const attempts = (this.#entries.get(armId)?.attempts ?? 0) + 1;
    const until = this.#clock.monotonic() + rest(attempts - 1);
    this.#entries.set(armId, { fault: faultOf(error), attempts, until });
  }

  clear(armId: string): void {
    this.#entries.delete(armId);
  }

  /** Forgets all but `armIds`: what nobody needs any more starts anew if it comes back. */
  keepOnly(armIds: ReadonlySet<string>): void {
    for (const armId of this.#entries.keys()) if (!armIds.has(armId)) this.#entries.delete(armId);
  }

  get(armId: string): Fault | undefined {
    return this.#entries.get(armId)?.fault;
  }

  has(armId: string): boolean {
    return this.#entries.has(armId);
  }

  isResting(armId: string): boolean {
    return (this.#entries.get(armId)?.until ?? -Infinity) > this.#clock.monotonic();
  }

  /** Milliseconds until the first of those that rest may be tried again; undefined if none rests. */
  nextIn(): number | undefined {
    const now = this.#clock.monotonic();
    const waits = [...this.#entries.values()].map(({ until }) => until - now).filter((ms) => ms > 0);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }
}
