import type { ObjectMeta } from './resources.ts';
import { same } from './same.ts';
import { StoreIndex } from './store-index.ts';
import { WaitList, type WaitOptions, waitUntil } from './wait-list.ts';

export interface StoreChange<T> {
  type: 'added' | 'modified' | 'deleted';
  key: string;
  /** The object after the change; for `deleted` the last one known. */
  object: T;
  /** The object before, for `modified`. */
  previous?: T;
}

export type StoreListener<T> = (change: StoreChange<T>) => void;

export interface StoreOptions<T> {
  key: (object: T) => string;
  /** What `by` can ask for; an object is found under each of the values. */
  indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
}

export interface StoreWaitOptions extends WaitOptions {
  /** Looks again only when an object under this index value changes; otherwise after every change. */
  on?: { index: string; value: string } | undefined;
}

const ANY = '';

function topicOf(index: string, value: string): string {
  return `${index}\n${value}`;
}

/** `namespace/name`, or the name alone for what is cluster-scoped. */
export function namespacedName({ namespace, name }: Pick<ObjectMeta, 'namespace' | 'name'>): string {
  return namespace ? `${namespace}/${name ?? ''}` : (name ?? '');
}

/**
 * The objects of one kind in memory, with indexes. Objects are never changed in place, and one that equals the stored
 * one causes no change and no call. Every change is complete, in the indexes too, before anybody hears of it.
 * A listener that throws stops neither the others nor the change; the method that changed the store throws it afterwards.
 */
export class Store<T> {
  readonly #keyOf: (object: T) => string;
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<string, StoreIndex<T>>;
  readonly #listeners = new Set<StoreListener<T>>();
  readonly #waiters = new WaitList();

  constructor({ key, indexes = {} }: StoreOptions<T>) {
    this.#keyOf = key;
    this.#indexes = new Map(Object.entries(indexes).map(([name, valuesOf]) => [name, new StoreIndex(valuesOf)]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): Iterable<T> {
    return this.#objects.values();
  }

  /** Not a copy: the array must not be changed, and shows the moment of the call. */
  by(index: string, value: string): readonly T[] {
    return this.#index(index).by(value);
  }

  /** How many objects `by` would give, in constant time. */
  count(index: string, value: string): number {
    return this.#index(index).count(value);
  }

  subscribe(listener: StoreListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until `read` returns something; undefined once `timeoutMs` have passed. @throws the signal's reason. */
  waitFor<R>(read: () => R | undefined, options: StoreWaitOptions): Promise<R | undefined> {
    const { on } = options;
    if (on) this.#index(on.index);
    const topic = on ? topicOf(on.index, on.value) : ANY;
    return waitUntil(read, (wake) => this.#waiters.add(topic, wake), options);
  }

  /** Makes the store hold exactly `objects`; only real differences are changes. */
  replaceAll(objects: Iterable<T>): void {
    const wanted = new Map<string, T>();
    for (const object of objects) wanted.set(this.#keyOf(object), object);
    const gone = [...this.#objects.keys()].filter((key) => !wanted.has(key)).map((key) => this.#take(key));
    const put = [...wanted].map(([key, object]) => this.#put(key, object));
    this.#announce([...gone, ...put].filter((change) => change !== undefined));
  }

  apply(object: T): void {
    const change = this.#put(this.#keyOf(object), object);
    if (change !== undefined) this.#announce([change]);
  }

  remove(key: string): void {
    const change = this.#take(key);
    if (change !== undefined) this.#announce([change]);
  }

  #index(name: string): StoreIndex<T> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`the store has no index ${name}`);
    return index;
  }

  #put(key: string, object: T): StoreChange<T> | undefined {
    const previous = this.#objects.get(key);
    if (previous !== undefined && same(previous, object)) return undefined;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.change(key, previous, object);
    return previous === undefined ? { type: 'added', key, object } : { type: 'modified', key, object, previous };
  }

  #take(key: string): StoreChange<T> | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.change(key, object, undefined);
    return { type: 'deleted', key, object };
  }

  #announce(changes: readonly StoreChange<T>[]): void {
    if (changes.length === 0) return;
    if (this.#waiters.size > 0) for (const topic of this.#topicsOf(changes)) this.#waiters.wake(topic);
    const errors: unknown[] = [];
    for (const change of changes) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(change);
        } catch (error) {
          errors.push(error);
        }
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'a listener of the store failed');
  }

  #topicsOf(changes: readonly StoreChange<T>[]): Set<string> {
    const topics = new Set([ANY]);
    for (const { object, previous } of changes) {
      for (const [name, index] of this.#indexes) {
        for (const value of index.valuesOf(object)) topics.add(topicOf(name, value));
        if (previous === undefined) continue;
        for (const value of index.valuesOf(previous)) topics.add(topicOf(name, value));
      }
    }
    return topics;
  }
}
