import type { Clock } from '@aad-pod-identity/runtime';
import type { KubernetesSimulator } from './simulator.ts';

/**
 * A candidate for the leadership as a program with client-go 0.23 and its Endpoints lock is one: MIC 1.8.17, seen from
 * the API server. It acts when it is told to.
 */
export class EndpointsCandidate {
  readonly #kube: KubernetesSimulator;
  readonly #clock: Clock;
  readonly #lock: { readonly namespace: string; readonly name: string };
  readonly #identity: string;
  readonly #durationMs: number;
  #seen = '';
  #seenAt = 0;

  constructor(
    kube: KubernetesSimulator,
    clock: Clock,
    options: { namespace: string; name: string; identity: string; durationMs: number },
  ) {
    this.#kube = kube;
    this.#clock = clock;
    this.#lock = { namespace: options.namespace, name: options.name };
    this.#identity = options.identity;
    this.#durationMs = options.durationMs;
  }

  /** Who holds the lock, as it reads the annotation; undefined where there is no such object. */
  holder(): string | undefined {
    const text = this.#annotation();
    return text === undefined ? undefined : (JSON.parse(text || '{}') as { holderIdentity?: string }).holderIdentity;
  }

  /** One try to take or renew the lock; whether it leads after that. */
  tryAcquireOrRenew(): boolean {
    const text = this.#annotation();
    if (text === undefined) {
      this.#kube.state.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: this.#metadata(this.#record(0)) });
      return true;
    }
    if (text !== this.#seen) [this.#seen, this.#seenAt] = [text, this.#clock.monotonic()];
    const { holderIdentity = '', leaderTransitions = 0 } = JSON.parse(text || '{}') as {
      holderIdentity?: string;
      leaderTransitions?: number;
    };
    const leads = holderIdentity === this.#identity;
    const isValid = this.#seenAt + this.#durationMs > this.#clock.monotonic();
    if (holderIdentity !== '' && isValid && !leads) return false;
    const metadata = this.#metadata(this.#record(leads ? leaderTransitions : leaderTransitions + 1));
    this.#kube.state.patch('v1', 'Endpoints', this.#lock.namespace, this.#lock.name, { metadata });
    return true;
  }

  #annotation(): string | undefined {
    const found = this.#kube.state.get('v1', 'Endpoints', this.#lock.namespace, this.#lock.name);
    return found === undefined ? undefined : (found.metadata.annotations?.[ANNOTATION] ?? '');
  }

  #record(leaderTransitions: number) {
    const now = `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
    const leaseDurationSeconds = Math.floor(this.#durationMs / 1000);
    return {
      holderIdentity: this.#identity,
      ...{ leaseDurationSeconds, acquireTime: now, renewTime: now, leaderTransitions },
    };
  }

  #metadata(record: object) {
    return { ...this.#lock, annotations: { [ANNOTATION]: JSON.stringify(record) } };
  }
}

const ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
