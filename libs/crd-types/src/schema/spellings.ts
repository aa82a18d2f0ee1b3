import { isObject, type JsonObject } from '../read/field-value.ts';

/** `ResourceID` of `resourceID`: the spelling of documents and manifests of many years. */
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** A rule's words for a field in either spelling, read as `fieldValue` does: the canonical one first. */
export function eitherSpelling(name: string, ifMissing: string): string {
  const other = capitalised(name);
  return `(has(self.${name}) ? self.${name} : has(self.${other}) ? self.${other} : ${ifMissing})`;
}

function agreement(name: string) {
  const [one, other] = [`self.${name}`, `self.${capitalised(name)}`];
  return {
    rule: `!has(${one}) || !has(${other}) || ${one} == ${other}`,
    message: `spec.${name} and spec.${capitalised(name)} are two spellings of one field; give one of them`,
  };
}

const listAt = (schema: JsonObject, key: string): readonly unknown[] => (Array.isArray(schema[key]) ? schema[key] : []);

/**
 * The schema of a spec that holds the capitalised spelling of these fields to what it says of the canonical one, and
 * refuses two spellings that say different things. A rule of the API server sees only fields that the schema names.
 */
export function withCapitalised(schema: JsonObject, names: readonly string[]): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const further = names.map((name) => {
    const declared = properties[name];
    return [
      capitalised(name),
      { ...(isObject(declared) ? declared : {}), description: `Another spelling of ${name}.` },
    ] as const;
  });
  return {
    ...schema,
    properties: { ...properties, ...Object.fromEntries(further) },
    'x-kubernetes-validations': [...listAt(schema, 'x-kubernetes-validations'), ...names.map(agreement)],
  };
}
