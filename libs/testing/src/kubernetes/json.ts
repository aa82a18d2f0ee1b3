/** A JSON object whose fields nobody has looked at yet. */
export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field's value when it is an object, else an empty object. */
export function recordAt(parent: unknown, ...path: readonly string[]): JsonRecord {
  const value = valueAt(parent, path);
  return isRecord(value) ? value : {};
}

/** The field's value when it is a list, else an empty list. */
export function listAt(parent: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(parent, path);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The field's value when it is a string, else the empty string. */
export function stringAt(parent: unknown, ...path: readonly string[]): string {
  const value = valueAt(parent, path);
  return typeof value === 'string' ? value : '';
}

/** What stands at a path of field names; `undefined` where nothing does. */
export function valueAt(parent: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, field) => (isRecord(value) ? value[field] : undefined), parent);
}

export function clone<T>(value: T): T {
  return structuredClone(value);
}

/** Equality of JSON values; the order of fields does not count, a field that is `undefined` counts as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => sameJson(a[key], b[key]));
}

/** A copy of the object without the named fields. */
export function without(record: JsonRecord, ...fields: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !fields.includes(key)));
}
