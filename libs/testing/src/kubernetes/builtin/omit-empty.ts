import { isRecord } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { SchemaNode } from '../schema/schema-node.ts';

/** Lists that are told even when there is nothing in them. */
const TOLD = new Set(['containers', 'rules', 'versions', 'tolerations', 'taints']);

const isMap = (node: SchemaNode | undefined): boolean => node?.additionalProperties !== undefined;

function isLeftOut(field: string, value: unknown, node: SchemaNode | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0 && !TOLD.has(field);
  return isRecord(value) && isMap(node) && Object.keys(value).length === 0;
}

function trimmed(value: unknown, node: SchemaNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => trimmed(item, node?.items));
  if (!isRecord(value) || isMap(node)) return value;
  const fields = Object.entries(value).filter(([field, inner]) => !isLeftOut(field, inner, node?.properties?.[field]));
  return Object.fromEntries(fields.map(([field, inner]) => [field, trimmed(inner, node?.properties?.[field])]));
}

/** An object of a built-in kind without its empty maps and lists: they count as absent, and are not kept. */
export function withoutEmpty(type: ResourceType, object: KubeObject): KubeObject {
  const rest = trimmed(object, type.schema);
  return isRecord(rest) ? asKubeObject(rest) : object;
}
