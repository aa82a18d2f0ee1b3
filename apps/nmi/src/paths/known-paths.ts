import type { Clock } from '@aad-pod-identity/runtime';
import { addressesToFindBy, type Pod } from '../pod.ts';
import { isNodeItself, type Path, samePath } from './path.ts';
import type { Network } from './system-network.ts';

/**
 * What the node's own view of an address says about the pod that the API server has there: `unknown` = nothing to
 * compare, `same` = as it was when first seen, `proven` = the same, and the API server, asked later, still had the pod
 * there; `moved` = the address is reached another way now.
 */
export type Evidence = 'unknown' | 'same' | 'proven' | 'moved';

export interface KnownPathsOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** `clock.monotonic()` of the last moment at which the API server spoke for the watched pods. */
  readonly confirmedAt: () => number;
}

/**
 * The kubelet tells the API server of a pod's end after it has given the address back. What was seen of the path
 * counts as the pod's once the API server has held on to the pod for longer than that takes.
 */
const PROVEN_AFTER_MS = 5_000;
/**
 * Another path for the same pod is a sandbox made anew, or a kubelet that could not tell yet whose the address is now.
 * The API server must have said so for a while without a gap in which the kubelet may have been cut off from it.
 */
const MOVED = { afterMs: 60_000, gapMs: 60_000 };

/** A pod that a look-up found first: the watch will bring it, or never will. */
const FORGOTTEN_AFTER_MS = 600_000;

interface Seen {
  readonly path: Path;
  readonly since: number;
}

interface SeenElsewhere extends Seen {
  readonly until: number;
}

interface Record {
  seen: Seen;
  proven: boolean;
  /** Another path, and from when until when the API server was heard to have the pod there all the same. */
  other: SeenElsewhere | undefined;
}

/** How the node reached each pod's addresses when NMI first heard of the pod, or it first asked. */
export class KnownPaths {
  readonly #options: KnownPathsOptions;
  /** By uid, then address. */
  readonly #records = new Map<string, { readonly foundAt: number; readonly byAddress: Map<string, Record> }>();
  #proven = 0;

  constructor(options: KnownPathsOptions) {
    this.#options = options;
  }

  /** Records how `pods`, all that are known, are reached, and forgets those that are gone. */
  observe(pods: Iterable<Pod>): void {
    const here = [...pods];
    const uids = new Set(here.map(({ uid }) => uid));
    const oldest = this.#options.clock.monotonic() - FORGOTTEN_AFTER_MS;
    for (const [uid, { foundAt }] of this.#records) if (!uids.has(uid) && foundAt < oldest) this.#records.delete(uid);
    const found = here.flatMap((pod) => addressesToFindBy(pod).map((address) => this.compare(pod, address)));
    this.#proven = found.filter((evidence) => evidence === 'proven').length;
  }

  /** How many addresses, at the last look, would be served without anybody's word. */
  proven(): number {
    return this.#proven;
  }

  /** Compares the way to `address` now with what was recorded of `pod`. */
  compare(pod: Pod, address: string): Evidence {
    const record = this.#record(pod, address);
    const path = this.#options.network.look().pathOf(address);
    if (record === undefined) {
      this.#note(pod, address, path);
      return 'unknown';
    }
    if (!samePath(record.seen.path, path)) return 'moved';
    return this.#same(record, this.#options.confirmedAt());
  }

  /** The API server, asked at `at`, has `pod` at `address`. @returns whether that can be taken for what it is now */
  confirm(pod: Pod, address: string, at: number): boolean {
    const path = this.#options.network.look().pathOf(address);
    const record = this.#record(pod, address);
    if (record === undefined) this.#note(pod, address, path);
    else if (samePath(record.seen.path, path)) this.#same(record, at);
    else return this.#hasSettled(record, path, at);
    return true;
  }

  #record({ uid }: Pod, address: string): Record | undefined {
    return this.#records.get(uid)?.byAddress.get(address);
  }

  #note({ uid }: Pod, address: string, path: Path | undefined): void {
    if (path === undefined) return;
    const now = this.#options.clock.monotonic();
    const ofPod = this.#records.get(uid) ?? { foundAt: now, byAddress: new Map<string, Record>() };
    this.#records.set(uid, ofPod);
    const seen = { path, since: now };
    ofPod.byAddress.set(address, { seen, proven: isNodeItself(path), other: undefined });
  }

  #same(record: Record, confirmedAt: number): Evidence {
    record.other = undefined;
    record.proven ||= confirmedAt >= record.seen.since + PROVEN_AFTER_MS;
    return record.proven ? 'proven' : 'same';
  }

  #hasSettled(record: Record, path: Path | undefined, at: number): boolean {
    const { other } = record;
    const goesOn = other !== undefined && samePath(other.path, path) && at - other.until <= MOVED.gapMs;
    const since = goesOn ? other.since : at;
    record.other = path && { path, since, until: at };
    if (record.other === undefined || at - since < MOVED.afterMs) return false;
    record.seen = record.other;
    record.other = undefined;
    return true;
  }
}
