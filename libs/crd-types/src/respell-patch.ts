import { DECLARATIONS } from './crd.ts';
import type { KindName } from './group.ts';
import { isObject, type JsonObject } from './read/field-value.ts';
import { ok, type Read } from './read/result.ts';

/**
 * The merge patch that gives every field of a stored object its canonical name, such as `resourceID` in place of
 * `ResourceID`; undefined where there is nothing to rename. The object means the same before and after: its reader gives
 * the same. Not ok for an object that cannot be read, which is left as it is.
 */
export function respellPatch(kind: KindName, input: unknown): Read<JsonObject | undefined> {
  const { field } = DECLARATIONS[kind];
  const read = field.read(input, '');
  if (!read.ok) return read;
  return ok(isObject(input) ? field.respell?.(input) : undefined);
}
