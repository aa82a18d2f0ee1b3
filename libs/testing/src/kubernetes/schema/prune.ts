import { isRecord, type JsonRecord } from '../json.ts';
import type { SchemaNode } from './schema-node.ts';

/** Where a field stands, as the API writes it: `spec.list[0].name`. */
export const childPath = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

const META_FIELDS = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

interface Walk {
  readonly unknown: string[];
}

/** Metadata keeps only the fields that object metadata has. */
function pruneMetadata(value: unknown, path: string, walk: Walk): unknown {
  if (!isRecord(value)) return value;
  const kept: JsonRecord = {};
  for (const [field, inner] of Object.entries(value)) {
    if (META_FIELDS.has(field)) kept[field] = inner;
    else walk.unknown.push(childPath(path, field));
  }
  return kept;
}

function schemaOfField(schema: SchemaNode, field: string): SchemaNode | 'keep' | undefined {
  const property = schema.properties?.[field];
  if (property !== undefined) return property;
  if (schema.additionalProperties === true) return 'keep';
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return schema['x-kubernetes-preserve-unknown-fields'] === true ? 'keep' : undefined;
}

function pruneObject(value: JsonRecord, schema: SchemaNode, path: string, resource: boolean, walk: Walk): JsonRecord {
  const kept: JsonRecord = {};
  for (const [field, inner] of Object.entries(value)) {
    const at = childPath(path, field);
    const known = schemaOfField(schema, field);
    if (resource && (field === 'apiVersion' || field === 'kind')) kept[field] = inner;
    else if (resource && field === 'metadata') kept[field] = pruneMetadata(inner, at, walk);
    else if (known === undefined) walk.unknown.push(at);
    else kept[field] = known === 'keep' ? inner : pruneValue(inner, known, at, false, walk);
  }
  return kept;
}

function pruneValue(value: unknown, schema: SchemaNode, path: string, root: boolean, walk: Walk): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return value;
    return value.map((item, index) => pruneValue(item, items, `${path}[${index}]`, false, walk));
  }
  if (!isRecord(value)) return value;
  const resource = root || schema['x-kubernetes-embedded-resource'] === true;
  return pruneObject(value, schema, path, resource, walk);
}

/** An object without the fields its schema does not know, and the paths of those. */
export function prune(
  object: JsonRecord,
  schema: SchemaNode,
): { readonly object: JsonRecord; readonly unknown: string[] } {
  const walk: Walk = { unknown: [] };
  const kept = pruneValue(object, schema, '', true, walk);
  return { object: isRecord(kept) ? kept : {}, unknown: walk.unknown };
}
