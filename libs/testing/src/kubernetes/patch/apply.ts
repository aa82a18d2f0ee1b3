import { isRecord, type JsonRecord, sameJson } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { ApiError, type StatusCause } from '../status-errors.ts';
import { type FieldPath, type FieldSet, fieldSet, pathOf, shownPath } from './field-set.ts';
import { isSame, type Manager, readManagers, timeNow } from './managers.ts';
import { minus, sameSet } from './path-sets.ts';
import { withManagers, type Writer } from './ownership.ts';
import { childPlace, isAtomicMap, itemKey, itemPlace, listShape, type Place, rootChild } from './topology.ts';

interface Conflict {
  readonly with: Manager;
  readonly path: string;
}

function conflictsOf(live: FieldSet, applied: FieldSet, others: readonly Manager[]): Conflict[] {
  return others.flatMap((other) =>
    [...other.paths]
      .filter((path) => applied.has(path) && !sameJson(live.get(path), applied.get(path)))
      .map((path) => ({ with: other, path })),
  );
}

function causeOf({ with: other, path }: Conflict): StatusCause {
  const part = other.subresource === '' ? '' : ` with subresource ${JSON.stringify(other.subresource)}`;
  const version = other.operation === 'Update' ? ` using ${other.apiVersion}` : '';
  const message = `conflict with ${JSON.stringify(other.manager)}${part}${version}`;
  return { reason: 'FieldManagerConflict', message, field: shownPath(path) };
}

/** Several conflicts are listed under the manager they are with. */
function conflictText(causes: readonly StatusCause[]): string {
  const [first] = causes;
  if (causes.length === 1) return `1 conflict: ${first?.message ?? ''}: ${first?.field ?? ''}`;
  const groups = [...Map.groupBy(causes, (cause) => cause.message.slice('conflict '.length))];
  const lines = groups
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([manager, group]) => [`conflicts ${manager}:`, ...group.map((cause) => `- ${cause.field ?? ''}`)]);
  return `${causes.length} conflicts: ${lines.join('\n')}`;
}

function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(causeOf);
  return new ApiError(409, 'Conflict', `Apply failed with ${conflictText(causes)}`, { causes });
}

function mergeLists(live: readonly unknown[], applied: readonly unknown[], place: Place, field: string): unknown[] {
  const shape = listShape(place, field, [...applied, ...live]);
  if (shape.kind === 'atomic') return [...applied];
  if (shape.kind === 'set') return [...live, ...applied.filter((item) => !live.some((known) => sameJson(known, item)))];
  const result = [...live];
  for (const item of applied) {
    const at = result.findIndex((known) => sameJson(itemKey(shape, known), itemKey(shape, item)));
    if (at < 0) result.push(item);
    else result[at] = mergeValues(result[at], item, itemPlace(place), '');
  }
  return result;
}

function mergeValues(live: unknown, applied: unknown, place: Place, field: string): unknown {
  if (Array.isArray(applied)) {
    return mergeLists(Array.isArray(live) ? (live as unknown[]) : [], applied as unknown[], place, field);
  }
  if (!isRecord(applied) || !isRecord(live) || isAtomicMap(place, field)) return applied;
  const result = { ...live };
  for (const [name, inner] of Object.entries(applied)) {
    result[name] = mergeValues(result[name], inner, childPlace(place, name), name);
  }
  return result;
}

function mergeObjects(type: ResourceType, live: JsonRecord, applied: JsonRecord): JsonRecord {
  const result = { ...live };
  for (const [field, value] of Object.entries(applied)) {
    if (field !== 'apiVersion' && field !== 'kind') {
      result[field] = mergeValues(result[field], value, rootChild(type, field), field);
    }
  }
  return result;
}

function isItem(element: string, candidate: unknown): boolean {
  const wanted: unknown = JSON.parse(element.slice(2));
  if (element.startsWith('v:')) return sameJson(candidate, wanted);
  return (
    isRecord(candidate) &&
    isRecord(wanted) &&
    Object.entries(wanted).every(([key, value]) => sameJson(candidate[key], value))
  );
}

/** The value without what the path names; an object that is left empty goes too. */
function withoutPath(value: unknown, [element, ...rest]: FieldPath): unknown {
  if (element === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = (value as unknown[]).flatMap((item) => {
      const kept = isItem(element, item) ? withoutPath(item, rest) : item;
      return kept === undefined ? [] : [kept];
    });
    return items.length === 0 ? undefined : items;
  }
  if (!isRecord(value)) return value;
  const name = element.slice(2);
  const { [name]: inner, ...others } = value;
  const kept = withoutPath(inner, rest);
  const result = kept === undefined ? others : { ...value, [name]: kept };
  return Object.keys(result).length === 0 ? undefined : result;
}

/** Takes off what this manager applied before and does not any more, unless somebody else owns it as well. */
function withoutGivenUp(
  object: JsonRecord,
  mine: ReadonlySet<string>,
  applied: FieldSet,
  others: readonly Manager[],
): JsonRecord {
  const owned = (path: string): boolean =>
    others.some(({ paths }) => [...paths].some((other) => other === path || other.startsWith(`${path}\u0000`)));
  // an item before what is in it: without its key nobody would know it
  const gone = [...mine].filter((path) => !applied.has(path) && !owned(path)).toSorted();
  return gone.reduce<JsonRecord>((result, path) => {
    const left = withoutPath(result, pathOf(path));
    return isRecord(left) ? left : {};
  }, object);
}

/** Objects from before ownership was tracked belong to nobody in particular. */
function managersOf(type: ResourceType, live: KubeObject | undefined, liveSet: FieldSet): Manager[] {
  if (live === undefined) return [];
  const known = readManagers(live.metadata.managedFields);
  if (known.length > 0) return known;
  const first = { manager: 'before-first-apply', operation: 'Update' as const, subresource: '', time: '' };
  return [{ ...first, apiVersion: apiVersionOf(type), paths: new Set(liveSet.keys()) }];
}

export interface ApplyOrder extends Writer {
  readonly force: boolean;
  readonly nowMs: number;
}

/**
 * Server-side apply: merges what a manager wants into the live object (`undefined`: there is none yet).
 * @throws ApiError 409 with a cause for every field that another manager set to something else, unless forced
 */
export function applyPatch(
  type: ResourceType,
  live: KubeObject | undefined,
  wanted: JsonRecord,
  order: ApplyOrder,
): KubeObject {
  const liveSet: FieldSet = live === undefined ? new Map<string, unknown>() : fieldSet(type, live);
  const applied = fieldSet(type, wanted);
  const me = { manager: order.manager, operation: 'Apply' as const, subresource: order.subresource ?? '' };
  const managers = managersOf(type, live, liveSet);
  const mine = managers.find((entry) => isSame(entry, me));
  const others = managers.filter((entry) => !isSame(entry, me));
  const conflicts = conflictsOf(liveSet, applied, others);
  if (conflicts.length > 0 && !order.force) throw conflictError(conflicts);
  const lost = new Set(conflicts.map(({ path }) => path));
  const left = others.map((other) => ({ ...other, paths: minus(other.paths, lost) }));
  const merged = mergeObjects(type, live ?? {}, wanted);
  const result = asKubeObject(withoutGivenUp(merged, mine?.paths ?? new Set(), applied, left));
  const paths = new Set(applied.keys());
  const same = mine !== undefined && sameSet(mine.paths, paths) && conflicts.length === 0;
  const time = same ? mine.time : timeNow(order.nowMs);
  return withManagers(result, [...left, { ...me, apiVersion: apiVersionOf(type), time, paths }]);
}
