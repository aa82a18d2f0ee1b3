const NONE: readonly never[] = Object.freeze([]);

interface Bucket<T> {
  readonly items: Map<string, T>;
  /** The items as an array, made at the first read after a change. */
  list: readonly T[] | undefined;
}

/** Objects by one property, which an object may have several times (a pod's addresses). */
export class StoreIndex<T> {
  readonly valuesOf: (object: T) => readonly string[];
  readonly #buckets = new Map<string, Bucket<T>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.valuesOf = valuesOf;
  }

  by(value: string): readonly T[] {
    const bucket = this.#buckets.get(value);
    if (bucket === undefined) return NONE;
    bucket.list ??= [...bucket.items.values()];
    return bucket.list;
  }

  add(key: string, object: T): void {
    for (const value of this.valuesOf(object)) {
      const bucket = this.#bucket(value);
      bucket.items.set(key, object);
      bucket.list = undefined;
    }
  }

  remove(key: string, object: T): void {
    for (const value of this.valuesOf(object)) {
      const bucket = this.#buckets.get(value);
      if (bucket === undefined) continue;
      bucket.items.delete(key);
      bucket.list = undefined;
      if (bucket.items.size === 0) this.#buckets.delete(value);
    }
  }

  #bucket(value: string): Bucket<T> {
    let bucket = this.#buckets.get(value);
    if (bucket === undefined) {
      bucket = { items: new Map(), list: undefined };
      this.#buckets.set(value, bucket);
    }
    return bucket;
  }
}
