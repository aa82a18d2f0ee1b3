import { type Target, targetKey } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Sample } from '@aad-pod-identity/telemetry';

/** Each is a series: who has more VMs and scale sets than this looks at the fullest, which are those near the limit. */
const MOST_SHOWN = 20;
/** Longer than between two looks at a resource that has nodes; one without is not looked at any more. */
const FORGOTTEN_AFTER_MS = 3_600_000;

interface Seen {
  readonly target: Target;
  readonly count: number;
  readonly atMs: number;
}

/** How many identities each VM and scale set was last seen with. */
export class Fullness {
  readonly #seen = new Map<string, Seen>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  saw(target: Target, count: number): void {
    this.#seen.set(targetKey(target), { target, count, atMs: this.#clock.monotonic() });
  }

  gone(target: Target): void {
    this.#seen.delete(targetKey(target));
  }

  /** The fullest first. */
  fullest(): Sample<'resource_group' | 'resource'>[] {
    const since = this.#clock.monotonic() - FORGOTTEN_AFTER_MS;
    for (const [key, { atMs }] of this.#seen) if (atMs < since) this.#seen.delete(key);
    const byCount = [...this.#seen.values()].sort((a, b) => b.count - a.count).slice(0, MOST_SHOWN);
    return byCount.map(({ target, count }) => ({
      labels: { resource_group: target.resourceGroup.toLowerCase(), resource: target.name.toLowerCase() },
      value: count,
    }));
  }
}
