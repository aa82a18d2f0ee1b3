import { type KubeObject, keyOf } from './objects.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write. Revisions follow each other without a gap. */
export interface Change {
  readonly revision: number;
  readonly type: ChangeType;
  readonly collection: string;
  readonly key: string;
  /** The new state; of a deletion the last one, with the revision of the deletion. */
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

export type ChangeListener = (change: Change) => void;

/** Changes kept for watches that start in the past; older ones are compacted away. */
const HISTORY_LIMIT = 100_000;

/**
 * The objects of all collections under one revision counter, with the log of changes that watches replay.
 * What is stored is never changed in place.
 */
export class Storage {
  readonly #collections = new Map<string, Map<string, KubeObject>>();
  readonly #sorted = new Map<string, readonly string[]>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #untold: Change[] = [];
  #log: Change[] = [];
  #revision = 1;
  #compacted = 0;

  get revision(): number {
    return this.#revision;
  }

  /** Revisions before this one can't be read or watched from any more. */
  get compacted(): number {
    return this.#compacted;
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  /** The objects of a collection in the order of their keys; with `after`, those whose key comes later. */
  list(collection: string, after = ''): KubeObject[] {
    const objects = this.#collections.get(collection) ?? new Map<string, KubeObject>();
    const found: KubeObject[] = [];
    for (const key of this.#keys(collection)) {
      const object = key > after ? objects.get(key) : undefined;
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** The collection as it was after `revision`, which must not be compacted. */
  listAt(collection: string, revision: number): KubeObject[] {
    const objects = new Map(this.#collections.get(collection));
    for (const change of this.since(revision, collection).reverse()) {
      if (change.previous === undefined) objects.delete(change.key);
      else objects.set(change.key, change.previous);
    }
    return [...objects.keys()].sort(byCodeUnit).flatMap((key) => objects.get(key) ?? []);
  }

  /** Stores the object under its own key with the next revision, and tells the listeners. */
  put(collection: string, object: KubeObject): KubeObject {
    const key = keyOf(object);
    const previous = this.get(collection, key);
    const stored = this.#stamped(object);
    this.#of(collection).set(key, stored);
    if (previous === undefined) this.#sorted.delete(collection);
    this.#record(
      previous === undefined
        ? { revision: this.#revision, type: 'ADDED', collection, key, object: stored }
        : { revision: this.#revision, type: 'MODIFIED', collection, key, object: stored, previous },
    );
    return stored;
  }

  /** Removes the object and tells the listeners; gives it with the revision of its end. */
  remove(collection: string, key: string): KubeObject | undefined {
    const previous = this.get(collection, key);
    if (previous === undefined) return undefined;
    const last = this.#stamped(previous);
    this.#of(collection).delete(key);
    this.#sorted.delete(collection);
    this.#record({ revision: this.#revision, type: 'DELETED', collection, key, object: last, previous });
    return last;
  }

  /** Changes of a collection after a revision, oldest first. */
  since(revision: number, collection: string): Change[] {
    const first = this.#log[0]?.revision ?? this.#revision + 1;
    return this.#log.slice(Math.max(0, revision + 1 - first)).filter((change) => change.collection === collection);
  }

  /** @returns the function that ends the subscription */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the past, as etcd's compaction does. Takes a revision of its own, so that all known ones are old. */
  compact(): void {
    this.#revision += 1;
    this.#compacted = this.#revision;
    this.#log = [];
  }

  #stamped(object: KubeObject): KubeObject {
    this.#revision += 1;
    const { kind, apiVersion, metadata, ...content } = object;
    return { kind, apiVersion, metadata: { ...metadata, resourceVersion: String(this.#revision) }, ...content };
  }

  #of(collection: string): Map<string, KubeObject> {
    const known = this.#collections.get(collection);
    if (known !== undefined) return known;
    const made = new Map<string, KubeObject>();
    this.#collections.set(collection, made);
    return made;
  }

  #keys(collection: string): readonly string[] {
    const known = this.#sorted.get(collection);
    if (known !== undefined) return known;
    const keys = [...(this.#collections.get(collection)?.keys() ?? [])].sort(byCodeUnit);
    this.#sorted.set(collection, keys);
    return keys;
  }

  #record(change: Change): void {
    this.#log.push(change);
    if (this.#log.length > HISTORY_LIMIT * 1.5) {
      this.#log = this.#log.slice(-HISTORY_LIMIT);
      this.#compacted = (this.#log[0]?.revision ?? 1) - 1;
    }
    this.#untold.push(change);
    if (this.#untold.length === 1) this.#tell();
  }

  /** A listener may write; what it writes is told after what made it write, to everybody in the same order. */
  #tell(): void {
    for (let change = this.#untold[0]; change !== undefined; change = this.#untold[0]) {
      for (const listener of [...this.#listeners]) listener(change);
      this.#untold.shift();
    }
  }
}

function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
