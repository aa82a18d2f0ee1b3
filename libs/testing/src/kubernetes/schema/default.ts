import { clone, isRecord } from '../json.ts';
import type { SchemaNode } from './schema-node.ts';

function defaultedObject(value: Record<string, unknown>, schema: SchemaNode): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const { additionalProperties } = schema;
  for (const [field, inner] of Object.entries(value)) {
    const own = schema.properties?.[field];
    const node = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    // a null where none is allowed counts as absent
    if (inner === null && own !== undefined && own.nullable !== true) continue;
    result[field] = node === undefined ? inner : withDefaults(inner, node);
  }
  for (const [field, node] of Object.entries(schema.properties ?? {})) {
    if (!(field in result) && node.default !== undefined) result[field] = withDefaults(clone(node.default), node);
  }
  return result;
}

/** The value with every default of its schema filled in, and without nulls that the schema does not allow. */
export function withDefaults(value: unknown, schema: SchemaNode): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(item, items));
  }
  return isRecord(value) ? defaultedObject(value, schema) : value;
}
