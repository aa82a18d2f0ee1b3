import { isRecord, type JsonRecord } from '../json.ts';
import type { ResourceType } from '../resource-types.ts';
import type { SchemaNode } from '../schema/schema-node.ts';

/** How the items of a list are told apart when several managers own parts of it. */
export type ListShape =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[]; readonly defaults?: JsonRecord };

/** What is known about a place in an object: a built-in field, a schema, or nothing. */
export type Place = 'builtin' | SchemaNode | undefined;

const byKey = (...keys: readonly string[]): ListShape => ({ kind: 'map', keys });

const BUILTIN_LISTS: Readonly<Record<string, ListShape>> = {
  addresses: byKey('type'),
  conditions: byKey('type'),
  containers: byKey('name'),
  env: byKey('name'),
  ephemeralContainers: byKey('name'),
  finalizers: { kind: 'set' },
  hostAliases: byKey('ip'),
  imagePullSecrets: byKey('name'),
  initContainers: byKey('name'),
  ownerReferences: byKey('uid'),
  podCIDRs: { kind: 'set' },
  podIPs: byKey('ip'),
  resourceClaims: byKey('name'),
  schedulingGates: byKey('name'),
  secrets: byKey('name'),
  topologySpreadConstraints: byKey('topologyKey', 'whenUnsatisfiable'),
  volumeDevices: byKey('devicePath'),
  volumeMounts: byKey('mountPath'),
  volumes: byKey('name'),
};

const CONTAINER_PORTS: ListShape = {
  kind: 'map',
  keys: ['containerPort', 'protocol'],
  defaults: { protocol: 'TCP' },
};
const SERVICE_PORTS: ListShape = { kind: 'map', keys: ['port', 'protocol'], defaults: { protocol: 'TCP' } };
const ATOMIC: ListShape = { kind: 'atomic' };

const BUILTIN_ATOMIC_MAPS = new Set([
  'claimRef',
  'configMapKeyRef',
  'fieldRef',
  'involvedObject',
  'labelSelector',
  'localObjectReference',
  'matchLabels',
  'nodeSelector',
  'resourceFieldRef',
  'roleRef',
  'secretKeyRef',
  'secretRef',
  'targetRef',
]);

function builtinList(field: string, items: readonly unknown[]): ListShape {
  if (field !== 'ports') return BUILTIN_LISTS[field] ?? ATOMIC;
  return items.some((item) => isRecord(item) && 'containerPort' in item) ? CONTAINER_PORTS : SERVICE_PORTS;
}

/** Shape of the list `items` that stands in `field`. */
export function listShape(place: Place, field: string, items: readonly unknown[]): ListShape {
  if (place === 'builtin') return builtinList(field, items);
  const kind = place?.['x-kubernetes-list-type'];
  const keys = place?.['x-kubernetes-list-map-keys'];
  if (kind === 'map' && keys !== undefined) return byKey(...keys);
  return kind === 'set' ? { kind: 'set' } : ATOMIC;
}

/** Whether an object in `field` belongs to one manager as a whole. */
export function isAtomicMap(place: Place, field: string): boolean {
  if (place === 'builtin') return BUILTIN_ATOMIC_MAPS.has(field);
  return place?.['x-kubernetes-map-type'] === 'atomic';
}

export function childPlace(place: Place, field: string): Place {
  if (place === 'builtin' || place === undefined) return place;
  const { additionalProperties } = place;
  const fallback = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return place.properties?.[field] ?? fallback;
}

export const itemPlace = (place: Place): Place => (place === 'builtin' ? place : place?.items);

/** Where the walk through an object of this type starts; metadata is alike for all types. */
export function rootChild(type: ResourceType, field: string): Place {
  if (!type.custom || field === 'metadata') return 'builtin';
  return childPlace(type.schema, field);
}

/** The part of a list item that tells it from the others. */
export function itemKey(
  shape: { readonly keys: readonly string[]; readonly defaults?: JsonRecord },
  item: unknown,
): JsonRecord {
  const record = isRecord(item) ? item : {};
  const pairs = shape.keys.toSorted().map((key): [string, unknown] => [key, record[key] ?? shape.defaults?.[key]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}
