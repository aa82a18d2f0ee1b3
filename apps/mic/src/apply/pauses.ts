import type { ArmError, Target, ThrottleScope } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Fault } from '../plan/target-plan.ts';
import { faultOf } from './faults.ts';

/** ARM counts reads and writes apart, and so do we. */
export type Operation = 'read' | 'write';

interface Pause {
  readonly operation: Operation;
  readonly scope: ThrottleScope;
  readonly until: number;
  readonly fault: Fault;
}

const SECOND = 1000;
/** A 429 that says no more than that. */
const DEFAULT_THROTTLE_MS = 30 * SECOND;

/** Failures that say when, or that, asking again at once is pointless -> milliseconds to wait. */
function pauseFor(error: ArmError): number | undefined {
  if (error.code === 'throttled') return error.retryAfterMs ?? DEFAULT_THROTTLE_MS;
  if (error.code === 'denied') return 3600 * SECOND;
  if (error.code === 'deleting') return 60 * SECOND;
  return undefined;
}

function resourceScope(operation: Operation, key: string): string {
  return `${operation} ${key}`;
}

function subscriptionScope(operation: Operation, { subscriptionId }: Target): string {
  return `${operation} /subscriptions/${subscriptionId.toLowerCase()}`;
}

/** Which VMs, scale sets and subscriptions are to be left alone, and until when. */
export class Pauses {
  readonly #clock: Clock;
  readonly #pauses = new Map<string, Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes note of a failure; false if it is none that asks for a pause. */
  note(operation: Operation, key: string, target: Target, error: ArmError): boolean {
    const ms = pauseFor(error);
    if (ms === undefined) return false;
    this.#prune();
    const scope = error.scope ?? 'resource';
    const what = scope === 'subscription' ? subscriptionScope(operation, target) : resourceScope(operation, key);
    this.#pauses.set(what, { operation, scope, until: this.#clock.monotonic() + ms, fault: faultOf(error) });
    return true;
  }

  /** Nobody asks any more about what is gone. */
  #prune(): void {
    const now = this.#clock.monotonic();
    for (const [what, { until }] of this.#pauses) if (until <= now) this.#pauses.delete(what);
  }

  /** How many pauses of this kind hold now. */
  count(operation: Operation, scope: ThrottleScope): number {
    const now = this.#clock.monotonic();
    const pauses = [...this.#pauses.values()];
    return pauses.filter((pause) => pause.operation === operation && pause.scope === scope && pause.until > now).length;
  }

  /** The pause that holds now, with the milliseconds it goes on. */
  current(operation: Operation, key: string, target: Target): { ms: number; fault: Fault } | undefined {
    const now = this.#clock.monotonic();
    const held = [resourceScope(operation, key), subscriptionScope(operation, target)].flatMap((scope) => {
      const pause = this.#pauses.get(scope);
      if (pause !== undefined && pause.until > now) return [{ ms: pause.until - now, fault: pause.fault }];
      this.#pauses.delete(scope);
      return [];
    });
    return held.sort((a, b) => b.ms - a.ms)[0];
  }
}
