import type { Clock } from '@aad-pod-identity/runtime';
import { objectKey } from '../world/stores.ts';
import type { RecordView } from '../world/views.ts';

interface Write {
  /** The record as the API server answered; undefined for one that was deleted. */
  readonly record: RecordView | undefined;
  readonly uid: string;
  readonly until: number;
  /** Whether the store has shown the record since or before: if it is not there any more, somebody deleted it. */
  seen: boolean;
}

/** By then the watch has long caught up, or something went wrong and the store is right. */
const FORGET_AFTER_MS = 30_000;

function isNewer(written: RecordView, seen: RecordView): boolean {
  const [ours, theirs] = [Number(written.resourceVersion), Number(seen.resourceVersion)];
  return written.uid === seen.uid && ours > theirs;
}

/**
 * What this process wrote and its store has not seen yet. Laid over what the store says, so that an event that comes
 * between a write and its echo causes no second write.
 */
export class OwnWrites {
  readonly #clock: Clock;
  readonly #writes = new Map<string, Write>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  created(record: RecordView): void {
    this.#put(record, record, false);
  }

  updated(record: RecordView): void {
    this.#put(record, record, this.#writes.get(objectKey(record))?.seen ?? true);
  }

  deleted(record: RecordView): void {
    this.#put(record, undefined, true);
  }

  /**
   * Whether `seen` is what was written here: the store is up with it then, and nothing is new. An echo that comes before
   * the answer to its write is not known for one.
   */
  takeEcho(seen: RecordView): boolean {
    const record = this.#writes.get(objectKey(seen))?.record;
    const isEcho = record?.uid === seen.uid && record.resourceVersion === seen.resourceVersion;
    return isEcho && this.#writes.delete(objectKey(seen));
  }

  /** `seen` as it is after the writes that its store has not seen yet. */
  over(seen: readonly RecordView[]): RecordView[] {
    this.#expire();
    const byKey = new Map(seen.map((record) => [objectKey(record), record]));
    for (const [key, write] of this.#writes) {
      const current = byKey.get(key);
      if (write.record === undefined) {
        if (current?.uid === write.uid) byKey.delete(key);
      } else if (current === undefined ? !write.seen : isNewer(write.record, current)) {
        byKey.set(key, write.record);
        write.seen ||= current !== undefined;
      } else this.#writes.delete(key);
    }
    return [...byKey.values()];
  }

  #put(at: RecordView, record: RecordView | undefined, seen: boolean): void {
    const until = this.#clock.monotonic() + FORGET_AFTER_MS;
    this.#writes.set(objectKey(at), { record, uid: at.uid, until, seen });
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#writes) if (until <= now) this.#writes.delete(key);
  }
}
