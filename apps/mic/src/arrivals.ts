import type { Clock } from '@aad-pod-identity/runtime';
import { objectKey, type Stores } from './world/stores.ts';
import type { PodView } from './world/views.ts';

interface Arrival {
  /** When the pod was seen on a node with its label (monotonic milliseconds). */
  readonly at: number;
  /** Identities that it has had since. */
  had: readonly string[];
}

const NONE: readonly string[] = [];

function isOther(a: PodView, b: PodView): boolean {
  return a.uid !== b.uid || a.node !== b.node || a.label !== b.label;
}

/** How long pods wait for their identities. A pod that was there before this instance led waits since then. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #arrivals = new Map<string, Arrival>();
  #pods: Stores['pods'] | undefined;
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows the pods until the returned function is called. */
  follow({ pods }: Stores): () => void {
    this.#since = this.#clock.monotonic();
    this.#pods = pods;
    const end = pods.subscribe(({ type, key, object, previous }) => {
      if (type === 'deleted') this.#arrivals.delete(key);
      else if (object.node !== '' && (previous === undefined || isOther(previous, object))) this.#arrived(key);
    });
    return () => {
      end();
      this.#arrivals.clear();
    };
  }

  /** Milliseconds that the pod has waited for this identity; undefined if it has had it before. */
  assigned(pod: PodView, identity: string): number | undefined {
    const key = objectKey(pod);
    const arrival = this.#arrivals.get(key) ?? { at: this.#since, had: NONE };
    if (arrival.had.includes(identity)) return undefined;
    arrival.had = [...arrival.had, identity];
    // Its record may come after it has gone, and then nothing would ever take the entry away.
    if (this.#pods?.get(key) !== undefined) this.#arrivals.set(key, arrival);
    return this.#clock.monotonic() - arrival.at;
  }

  #arrived(key: string): void {
    this.#arrivals.set(key, { at: this.#clock.monotonic(), had: NONE });
  }
}
