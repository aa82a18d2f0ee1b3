export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value of the field `name` in whatever case it is spelled: objects written before 1.6, and the walk-through this
 * project started from, say `ResourceID` and `TenantId` where today's say `resourceID` and `tenantID`.
 *
 * Two spellings in one object: the canonical one wins, else the first in alphabetical order. Null is the same as missing,
 * so a null never hides another spelling.
 */
export function fieldValue(object: JsonObject, name: string): unknown {
  const canonical = Object.hasOwn(object, name) ? object[name] : undefined;
  if (canonical !== undefined && canonical !== null) return canonical;
  const wanted = name.toLowerCase();
  const spellings = Object.keys(object).filter((key) => key !== name && key.toLowerCase() === wanted);
  return spellings
    .sort()
    .map((key) => object[key])
    .find((value) => value !== undefined && value !== null);
}
