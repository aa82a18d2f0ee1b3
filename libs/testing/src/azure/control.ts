import type { ArmSettings } from './arm-settings.ts';
import type { Fault, FaultAction, Faults, Scope, ServiceName } from './faults.ts';
import type { Service } from './service.ts';
import type { AzureState, Breakage } from './state.ts';

/** What tests and the sandbox's buttons do to Azure. */
export class AzureControl {
  readonly faults: Faults;
  readonly arm: ArmSettings;
  readonly #stopped = new Set<ServiceName>();
  readonly #state: AzureState;
  readonly #services: (name: ServiceName) => readonly Service[];

  constructor(parts: {
    faults: Faults;
    arm: ArmSettings;
    state: AzureState;
    services: (name: ServiceName) => readonly Service[];
  }) {
    this.faults = parts.faults;
    this.arm = parts.arm;
    this.#state = parts.state;
    this.#services = parts.services;
  }

  /** Milliseconds before each answer of a service or operation. */
  latency(scope: Scope, ms: number): void {
    this.faults.latency(scope, ms);
  }

  /** The next `times` requests get 429; `retryAfter` in seconds or as an HTTP date, or no header. */
  throttle(
    scope: Scope,
    times: number,
    options: { retryAfter?: number | string; match?: string; code?: string } = {},
  ): void {
    const { match, ...action } = options;
    this.#add({ scope, times, action: { kind: 'throttle', ...action } }, match);
  }

  /** The next requests are accepted and never answered; by default all. */
  hang(scope: Scope, options: { match?: string; times?: number } = {}): void {
    this.#add({ scope, times: options.times ?? Infinity, action: { kind: 'hang' } }, options.match);
  }

  failNext(scope: Scope, action: FaultAction, options: { match?: string; times?: number } = {}): void {
    this.#add({ scope, times: options.times ?? 1, action }, options.match);
  }

  breakIdentity(id: string, breakage: Breakage = 'missing'): void {
    this.#state.identity(id).breakage = breakage;
  }

  mendIdentity(id: string): void {
    delete this.#state.identity(id).breakage;
  }

  /** A deny assignment on a VM or scale set, as on a locked node resource group. */
  deny(resourceId: string, denied = true): void {
    this.#state.resource(resourceId).denied = denied;
  }

  provisioningState(resourceId: string, value: string): void {
    this.#state.resource(resourceId).provisioningState = value;
  }

  /** Ends the writes that began while `arm.updateMs` was Infinity; those that begin from now on end at once. */
  endWrites(): void {
    this.arm.updateMs = 0;
    for (const done of this.#state.endless.splice(0)) done();
  }

  /** Connections are cut and refused until `start`. */
  async stop(service: ServiceName): Promise<void> {
    this.#stopped.add(service);
    await Promise.all(this.#services(service).map((each) => each.stop()));
  }

  async start(service: ServiceName): Promise<void> {
    this.#stopped.delete(service);
    await Promise.all(this.#services(service).map((each) => each.start()));
  }

  /** Services that are stopped now. */
  stopped(): ServiceName[] {
    return [...this.#stopped];
  }

  /** Ends faults and latencies, mends every identity and starts every service. Assignments and records stay. */
  async reset(): Promise<void> {
    this.faults.clear();
    for (const identity of this.#state.identities.values()) delete identity.breakage;
    for (const resource of this.#state.resources.values()) resource.denied = false;
    for (const service of ['imds', 'entra', 'arm'] as const) await this.start(service);
  }

  #add(fault: Fault, match: string | undefined): void {
    this.faults.add(match === undefined ? fault : { ...fault, match });
  }
}
