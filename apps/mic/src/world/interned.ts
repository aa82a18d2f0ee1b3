/** By its JSON: the object of that content that is in use. */
const shared = new Map<string, WeakRef<object>>();
const gone = new FinalizationRegistry<string>((text) => {
  if (shared.get(text)?.deref() === undefined) shared.delete(text);
});

/**
 * The object of this content that somebody holds already, or this one. Thousands of records repeat a few identities and
 * conditions, and nobody changes what was read.
 */
export function interned<T extends object>(value: T): T {
  const text = JSON.stringify(value);
  const known = shared.get(text)?.deref();
  if (known !== undefined) return known as T;
  shared.set(text, new WeakRef(value));
  gone.register(value, text);
  return value;
}
