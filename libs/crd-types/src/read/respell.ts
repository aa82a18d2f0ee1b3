import type { Field } from './field.ts';
import { fieldValue, isObject, type JsonObject } from './field-value.ts';

type Named = readonly [name: string, field: Field<unknown>];

/** The object after the merge patch. */
function merged(value: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...value };
  for (const [key, change] of Object.entries(patch)) {
    const inner = result[key];
    if (change === null) Reflect.deleteProperty(result, key);
    else result[key] = isObject(change) && isObject(inner) ? merged(inner, change) : change;
  }
  return result;
}

/** What stood under another spelling, as it is to stand under the canonical one. */
function moved(field: Field<unknown>, value: unknown): unknown {
  if (field.respell !== undefined && isObject(value)) return merged(value, field.respell(value) ?? {});
  const read = field.read(value, '');
  return read.ok ? read.value : value;
}

function otherSpellings(object: JsonObject, name: string): string[] {
  const wanted = name.toLowerCase();
  return Object.keys(object).filter((key) => key !== name && key.toLowerCase() === wanted);
}

function respellField(object: JsonObject, [name, field]: Named): JsonObject {
  const others = otherSpellings(object, name);
  const removed = Object.fromEntries(others.map((key) => [key, null]));
  const canonical = Object.hasOwn(object, name) ? object[name] : undefined;
  if (canonical !== undefined && canonical !== null) {
    const inside = field.respell?.(canonical);
    return inside === undefined ? removed : { ...removed, [name]: inside };
  }
  const value = others.length === 0 ? undefined : fieldValue(object, name);
  return value === undefined ? removed : { ...removed, [name]: moved(field, value) };
}

/** See `Field.respell`. Which of several spellings counts is what `fieldValue` says. */
export function respellRecord(declared: readonly Named[], object: JsonObject): JsonObject | undefined {
  const patch = Object.assign({}, ...declared.map((named) => respellField(object, named))) as JsonObject;
  return Object.keys(patch).length === 0 ? undefined : patch;
}
