import { keepNewest } from './keep-newest.ts';

/** `read` of a text, done once for each of the last `max` texts. What it throws is not remembered. */
export function memoized<T>(read: (text: string) => T, max: number): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = read(text);
    known.set(text, value);
    keepNewest(known, max);
    return value;
  };
}

/** `read` of an object that never changes, done once for as long as the object is there. */
export function memoizedOf<K extends object, T>(read: (object: K) => T): (object: K) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return (object) => {
    const found = known.get(object) ?? { value: read(object) };
    known.set(object, found);
    return found.value;
  };
}
