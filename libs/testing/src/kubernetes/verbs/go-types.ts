import { isRecord } from '../json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';

const GO_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  integer: 'int32',
  number: 'float64',
};

function goType(node: SchemaNode | undefined): string {
  if (node?.type === 'array') return `[]${goType(node.items)}`;
  if (typeof node?.additionalProperties === 'object') return `map[string]${goType(node.additionalProperties)}`;
  return node?.goName === undefined ? (GO_TYPES[node?.type ?? ''] ?? 'string') : `v1.${node.goName}`;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What Go's decoder says of a value of the wrong type at a path: it names the struct it is in, and no key of a map. */
export function unmarshalText(kind: string, object: unknown, schema: SchemaNode, path: string): string {
  let node: SchemaNode | undefined = schema;
  let value = object;
  let struct = kind;
  const fields: string[] = [];
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[step] : undefined;
    if (node?.properties?.[step] !== undefined) {
      struct = node.goName ?? struct;
      fields.push(step);
      node = node.properties[step];
    } else
      node = node?.items ?? (typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined);
  }
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${struct}.${fields.join('.')} of type ${goType(node)}`;
}

/** Fields that hold a time, by name, and Go's layout for them. */
const LAYOUTS: Readonly<Record<string, string>> = {
  acquireTime: '2006-01-02T15:04:05.000000Z07:00',
  renewTime: '2006-01-02T15:04:05.000000Z07:00',
  eventTime: '2006-01-02T15:04:05.000000Z07:00',
  firstTimestamp: '2006-01-02T15:04:05Z07:00',
  lastTimestamp: '2006-01-02T15:04:05Z07:00',
  creationTimestamp: '2006-01-02T15:04:05Z07:00',
  deletionTimestamp: '2006-01-02T15:04:05Z07:00',
};
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/;

/** What Go's decoder says of the first text that stands for a time and is none; `undefined` when there is none such. */
export function unreadableTime(value: unknown, schema: SchemaNode | undefined): string | undefined {
  for (const [field, inner] of Object.entries(isRecord(value) ? value : {})) {
    const node = schema?.properties?.[field];
    const layout = node?.type === 'string' ? LAYOUTS[field] : undefined;
    if (layout !== undefined && typeof inner === 'string' && !RFC_3339.test(inner)) {
      const shown = JSON.stringify(inner);
      return `parsing time ${shown} as "${layout}": cannot parse ${shown} as "2006"`;
    }
    const below = unreadableTime(inner, node);
    if (below !== undefined) return below;
  }
  return undefined;
}
