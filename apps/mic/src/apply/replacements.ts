import { backoff, type Clock } from '@aad-pod-identity/runtime';

const MINUTE = 60_000;
/** Azure may show an identity without its ids for a moment after it was assigned. */
const SETTLE_MS = MINUTE;
/** After so long a replacement has nothing to do with the one before it. */
const FORGET_MS = 60 * MINUTE;

const rest = backoff({ baseMs: 10_000, maxMs: 10 * MINUTE, jitter: 0 });

interface Entry {
  readonly count: number;
  readonly at: number;
}

/**
 * The identities of one VM or scale set that were taken off to be put back, because they were deleted and recreated in
 * Azure. Where that does not help it is done ever more rarely.
 */
export class Replacements {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #assignedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  assigned(armId: string): void {
    this.#assignedAt.set(armId, this.#clock.monotonic());
  }

  replaced(armId: string): void {
    const { count = 0, at = -Infinity } = this.#entries.get(armId) ?? {};
    const now = this.#clock.monotonic();
    this.#entries.set(armId, { count: now - at > FORGET_MS ? 1 : count + 1, at: now });
  }

  /** `hasIds`: whether the VM or scale set shows the identity with ids. */
  isDue(armId: string, hasIds: boolean): boolean {
    const now = this.#clock.monotonic();
    const { count, at } = this.#entries.get(armId) ?? { count: 0, at: -Infinity };
    if (count > 0 && now - at < rest(count - 1)) return false;
    return hasIds || now - (this.#assignedAt.get(armId) ?? -Infinity) >= SETTLE_MS;
  }

  /** Forgets all but `armIds`. */
  keepOnly(armIds: ReadonlySet<string>): void {
    for (const map of [this.#entries, this.#assignedAt]) {
      for (const armId of map.keys()) if (!armIds.has(armId)) map.delete(armId);
    }
  }
}
