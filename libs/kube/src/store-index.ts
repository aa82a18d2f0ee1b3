const NONE: readonly never[] = Object.freeze([]);

/** The only object under a value. Most values have no more, and a Map for each would cost more than the objects. */
interface One<T> {
  readonly key: string;
  readonly list: readonly [T];
}

interface Many<T> {
  readonly items: Map<string, T>;
  /** The items as an array, made at the first read after a change. */
  list: readonly T[] | undefined;
}

function manyFrom<T>(entry: One<T> | Many<T>): Many<T> {
  return 'items' in entry ? entry : { items: new Map([[entry.key, entry.list[0]]]), list: undefined };
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Objects by one property, which an object may have several times (a pod's addresses). */
export class StoreIndex<T> {
  readonly valuesOf: (object: T) => readonly string[];
  readonly #entries = new Map<string, One<T> | Many<T>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.valuesOf = valuesOf;
  }

  by(value: string): readonly T[] {
    const entry = this.#entries.get(value);
    if (entry === undefined) return NONE;
    if ('items' in entry) entry.list ??= [...entry.items.values()];
    return entry.list ?? NONE;
  }

  count(value: string): number {
    const entry = this.#entries.get(value);
    if (entry === undefined) return 0;
    return 'items' in entry ? entry.items.size : 1;
  }

  /** Puts `object` in the place of `previous`, which has the same key; either may be missing. */
  change(key: string, previous: T | undefined, object: T | undefined): void {
    const before = previous === undefined ? NONE : this.valuesOf(previous);
    const after = object === undefined ? NONE : this.valuesOf(object);
    // Most changes of an object move it nowhere; setting it again then does.
    if (!sameValues(before, after)) for (const value of before) this.#remove(value, key);
    if (object !== undefined) for (const value of after) this.#set(value, key, object);
  }

  #set(value: string, key: string, object: T): void {
    const entry = this.#entries.get(value);
    if (entry === undefined || ('key' in entry && entry.key === key)) {
      this.#entries.set(value, { key, list: [object] });
      return;
    }
    const many = manyFrom(entry);
    many.items.set(key, object);
    many.list = undefined;
    if (many !== entry) this.#entries.set(value, many);
  }

  #remove(value: string, key: string): void {
    const entry = this.#entries.get(value);
    // A value that an object has twice is gone after the first removal.
    if (entry === undefined) return;
    if ('items' in entry) {
      entry.items.delete(key);
      entry.list = undefined;
      if (entry.items.size > 0) return;
    } else if (entry.key !== key) return;
    this.#entries.delete(value);
  }
}
