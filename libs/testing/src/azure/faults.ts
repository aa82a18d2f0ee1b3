import type { Clock } from '@aad-pod-identity/runtime';

export type ServiceName = 'imds' | 'entra' | 'arm';

/** What can be slowed down or made to fail, apart from everything else. */
export const OPERATIONS = [
  'imds.token',
  'imds.other',
  'entra.token',
  'entra.other',
  'arm.get',
  'arm.update',
  'arm.poll',
  'arm.lookup',
  'arm.other',
] as const;

export type OperationName = (typeof OPERATIONS)[number];

/** One operation, or all of a service. */
export type Scope = OperationName | ServiceName;

export type FaultAction =
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly message?: string }
  /** `retryAfter`: seconds, an HTTP date, or no header at all. */
  | { readonly kind: 'throttle'; readonly retryAfter?: number | string; readonly code?: string }
  /** The request is accepted and never answered. */
  | { readonly kind: 'hang' }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** This text instead of a proper body. */
  | { readonly kind: 'garbage'; readonly status?: number; readonly body: string };

export interface Fault {
  readonly scope: Scope;
  /** Only requests whose path or query holds this text, in any case: a resource's name, a client id. */
  readonly match?: string;
  /** How many requests it hits; default 1. */
  readonly times?: number;
  readonly action: FaultAction;
}

const covers = (scope: Scope, operation: OperationName): boolean =>
  scope === operation || operation.startsWith(`${scope}.`);

/** The faults of a simulator: each hits the next requests that fit, oldest fault first. */
export class Faults {
  #faults: { fault: Fault; left: number }[] = [];
  readonly #latency = new Map<Scope, number>();
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Milliseconds before each answer; 0 ends it. */
  latency(scope: Scope, ms: number): void {
    this.#latency.set(scope, ms);
  }

  latencyOf(operation: OperationName): number {
    const [service] = operation.split('.') as [ServiceName];
    return this.#latency.get(operation) ?? this.#latency.get(service) ?? 0;
  }

  /** Takes the fault that hits this request, if any. */
  take(operation: OperationName, target: string): FaultAction | undefined {
    const text = target.toLowerCase();
    const hit = this.#faults.find(
      ({ fault }) => covers(fault.scope, operation) && text.includes((fault.match ?? '').toLowerCase()),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    if (hit.left <= 0) this.#faults = this.#faults.filter((entry) => entry !== hit);
    return hit.fault.action;
  }

  /** Ends all faults and latencies. What hangs already stays hanging. */
  clear(): void {
    this.#faults = [];
    this.#latency.clear();
  }
}
