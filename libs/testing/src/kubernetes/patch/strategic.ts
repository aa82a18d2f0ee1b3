import { isRecord, type JsonRecord, sameJson } from '../json.ts';
import { ApiError, badRequest } from '../status-errors.ts';

/** Lists that merge by a key, by the name of their field; lists of other names are replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  addresses: 'type',
  conditions: 'type',
  containers: 'name',
  env: 'name',
  ephemeralContainers: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  ownerReferences: 'uid',
  podIPs: 'ip',
  resourceClaims: 'name',
  schedulingGates: 'name',
  secrets: 'name',
  taints: 'key',
  topologySpreadConstraints: 'topologyKey',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
};

/** Lists of plain values that merge as sets. */
const MERGED_SETS = new Set(['finalizers', 'podCIDRs']);

/** Objects replaced as a whole unless `$retainKeys` says which of their fields stay. */
const DELETE_LIST = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const RETAIN = '$retainKeys';

/** `ports` has one key in a container and another in a service. */
function mergeKey(field: string, items: readonly unknown[]): string | undefined {
  if (field !== 'ports') return MERGE_KEYS[field];
  return items.some((item) => isRecord(item) && 'containerPort' in item) ? 'containerPort' : 'port';
}

function mergeKeyedList(current: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !isRecord(item) || item.$patch !== 'replace');
  }
  let result = [...current];
  for (const item of patch) {
    if (!isRecord(item)) throw badRequest('patch contains a list item that is no object');
    const id = item[key];
    if (id === undefined)
      throw new ApiError(500, '', `map: ${goMap(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((candidate) => isRecord(candidate) && sameJson(candidate[key], id));
    if (item.$patch === 'delete') result = result.filter((_, index) => index !== at);
    else if (at < 0) result.push(mergeObject({}, item));
    else result[at] = item.$patch === 'replace' ? mergeObject({}, item) : mergeObject(result[at], item);
  }
  return inServerOrder(current, patch, result, key);
}

/** A map as Go prints it. */
function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, inner]) => `${key}:${goMap(inner)}`).join(' ')}]`;
}

/**
 * The merged items as the real server orders them: those of the patch and the others are merged by their places before;
 * a new item comes as early as its place in the patch allows.
 */
function inServerOrder(
  before: readonly unknown[],
  patch: readonly unknown[],
  merged: readonly unknown[],
  key?: string,
): unknown[] {
  const place = (items: readonly unknown[], item: unknown): number =>
    items.findIndex((other) => sameJson(identity(other, key), identity(item, key)));
  const named = merged.filter((item) => place(patch, item) >= 0).toSorted((a, b) => place(patch, a) - place(patch, b));
  const others = merged.filter((item) => place(patch, item) < 0);
  const result: unknown[] = [];
  for (const item of named) {
    const at = place(before, item);
    while (at >= 0 && others.length > 0 && place(before, others[0]) < at) result.push(others.shift());
    result.push(item);
  }
  return [...result, ...others];
}

const identity = (item: unknown, key: string | undefined): unknown =>
  key !== undefined && isRecord(item) ? item[key] : item;

/** Puts the items the patch orders into its order; those it does not name keep their place after them. */
function ordered(items: readonly unknown[], order: readonly unknown[], key: string | undefined): unknown[] {
  const rank = (item: unknown): number => {
    const at = order.findIndex((wanted) => sameJson(identity(wanted, key), identity(item, key)));
    return at < 0 ? order.length : at;
  };
  return items.toSorted((a, b) => rank(a) - rank(b));
}

function mergeList(field: string, current: unknown, patch: readonly unknown[]): unknown[] {
  const existing = Array.isArray(current) ? (current as unknown[]) : [];
  const key = mergeKey(field, [...patch, ...existing]);
  if (key !== undefined && [...patch, ...existing].every(isRecord)) return mergeKeyedList(existing, patch, key);
  if (MERGED_SETS.has(field)) {
    return inServerOrder(existing, patch, [...existing, ...patch.filter((item) => !existing.includes(item))]);
  }
  return [...patch];
}

/** Directives beside the fields they speak of: removals from sets, orders of lists, fields to retain. */
function directive(result: JsonRecord, name: string, value: unknown): void {
  const values = Array.isArray(value) ? (value as unknown[]) : [];
  if (name === RETAIN) {
    for (const field of Object.keys(result)) if (!values.includes(field)) Reflect.deleteProperty(result, field);
    return;
  }
  const field = name.slice(name.indexOf('/') + 1);
  const current = result[field];
  if (!Array.isArray(current)) return;
  const items = current as unknown[];
  result[field] = name.startsWith(DELETE_LIST)
    ? items.filter((item) => !values.includes(item))
    : ordered(items, values, mergeKey(field, items));
}

function mergeField(field: string, current: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return mergeList(field, current, value as unknown[]);
  return isRecord(value) ? mergeObject(current, value) : value;
}

function mergeObject(current: unknown, patch: JsonRecord): JsonRecord {
  if (patch.$patch === 'replace') return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== '$patch'));
  if (patch.$patch === 'delete') return {};
  const result: JsonRecord = isRecord(current) ? { ...current } : {};
  const directives: [string, unknown][] = [];
  for (const [field, value] of Object.entries(patch)) {
    if (field === RETAIN || field.startsWith(DELETE_LIST) || field.startsWith(ORDER)) directives.push([field, value]);
    else if (field === '$patch') continue;
    else if (value === null) Reflect.deleteProperty(result, field);
    else result[field] = mergeField(field, result[field], value);
  }
  for (const [name, value] of directives) directive(result, name, value);
  return result;
}

/**
 * Strategic merge patch, as built-in kinds take it: lists of keyed objects merge by their key.
 * @throws ApiError 400 for a patch that names no key where one is needed
 */
export function mergeStrategically(object: unknown, patch: unknown): JsonRecord {
  if (!isRecord(patch)) throw badRequest('the body of a strategic merge patch must be an object');
  return mergeObject(object, patch);
}
