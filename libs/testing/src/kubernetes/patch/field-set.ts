import { isRecord, type JsonRecord } from '../json.ts';
import type { ResourceType } from '../resource-types.ts';
import { childPlace, isAtomicMap, itemKey, itemPlace, listShape, type Place, rootChild } from './topology.ts';

/** Elements of a path as managedFields writes them: `f:spec`, `k:{"name":"a"}`, `v:"x"`. */
export type FieldPath = readonly string[];

const SEPARATOR = '\u0000';
export const pathKey = (path: FieldPath): string => path.join(SEPARATOR);
export const pathOf = (key: string): FieldPath => key.split(SEPARATOR);

/** What an object holds: each field that somebody can own, with its value (`{}` for a list item as such). */
export type FieldSet = Map<string, unknown>;

/** Fields nobody owns: the server sets them, or they name the object. */
const UNOWNED_META = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

interface Walk {
  readonly out: FieldSet;
}

function walkList(items: readonly unknown[], place: Place, field: string, path: FieldPath, walk: Walk): void {
  const shape = listShape(place, field, items);
  if (shape.kind === 'atomic' || items.length === 0) {
    walk.out.set(pathKey(path), items);
    return;
  }
  for (const item of items) {
    if (shape.kind === 'set') walk.out.set(pathKey([...path, `v:${JSON.stringify(item)}`]), item);
    else {
      const at = [...path, `k:${JSON.stringify(itemKey(shape, item))}`];
      walk.out.set(pathKey(at), {});
      walkValue(item, itemPlace(place), '', at, walk);
    }
  }
}

function walkValue(value: unknown, place: Place, field: string, path: FieldPath, walk: Walk): void {
  if (Array.isArray(value)) {
    walkList(value as unknown[], place, field, path, walk);
    return;
  }
  if (!isRecord(value) || Object.keys(value).length === 0 || isAtomicMap(place, field)) {
    walk.out.set(pathKey(path), value);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    if (inner !== undefined) walkValue(inner, childPlace(place, name), name, [...path, `f:${name}`], walk);
  }
}

/** Structs that every object of a built-in kind has, filled or not: nobody brings them. */
const ALWAYS_THERE = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'strategy',
  'updateStrategy',
  'resources',
  'names',
]);

/** The paths of the maps and lists of an object that somebody can own beside what is in them. */
export function containersOf(type: ResourceType, object: JsonRecord): Set<string> {
  const leaves = [...fieldSet(type, object).keys()].map(pathOf);
  const above = new Set(
    leaves.flatMap((path) => path.slice(0, -1).map((_, index) => pathKey(path.slice(0, index + 1)))),
  );
  const owned = [...above].filter((key) => {
    const path = pathOf(key);
    const last = path.at(-1) ?? '';
    if (key === 'f:metadata' || !last.startsWith('f:')) return false;
    return (type.custom && path[0] !== 'f:metadata') || !ALWAYS_THERE.has(last.slice(2));
  });
  return new Set(owned);
}

/** Every field of an object that managers can own. */
export function fieldSet(type: ResourceType, object: JsonRecord): FieldSet {
  const walk: Walk = { out: new Map() };
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind' || value === undefined) continue;
    if (field !== 'metadata') walkValue(value, rootChild(type, field), field, [`f:${field}`], walk);
    else if (isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) {
        if (!UNOWNED_META.has(name) && inner !== undefined) {
          walkValue(inner, 'builtin', name, ['f:metadata', `f:${name}`], walk);
        }
      }
    }
  }
  return walk.out;
}

function insert(tree: JsonRecord, path: FieldPath): JsonRecord {
  let node = tree;
  for (const element of path) {
    const next = node[element];
    const child: JsonRecord = isRecord(next) ? next : {};
    node[element] = child;
    node = child;
  }
  return node;
}

/** A set of paths in the form of FieldsV1. */
export function toFieldsV1(paths: ReadonlySet<string>): JsonRecord {
  const tree: JsonRecord = {};
  const sorted = [...paths].sort();
  sorted.forEach((key, index) => {
    const path = pathOf(key);
    const node = insert(tree, path);
    // who owns something below a place, and the place as such, says so by a dot; what is below comes next in the order
    const isItem = path.at(-1)?.startsWith('k:') === true;
    if (isItem || sorted[index + 1]?.startsWith(key + SEPARATOR) === true) node['.'] = {};
  });
  return tree;
}

/** The paths that a FieldsV1 names. */
export function fromFieldsV1(tree: JsonRecord, path: FieldPath = [], out = new Set<string>()): Set<string> {
  for (const [element, inner] of Object.entries(tree)) {
    if (element === '.') out.add(pathKey(path));
    else if (!isRecord(inner) || Object.keys(inner).length === 0) out.add(pathKey([...path, element]));
    else fromFieldsV1(inner, [...path, element], out);
  }
  return out;
}

/** A path the way conflicts name it: `.spec.containers[name="a"].image`. */
export function shownPath(key: string): string {
  return pathOf(key)
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys = Object.entries(JSON.parse(text) as JsonRecord);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
