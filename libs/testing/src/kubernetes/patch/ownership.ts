import { sameJson } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { containersOf, type FieldSet, fieldSet } from './field-set.ts';
import { isSame, type Manager, readManagers, timeNow, writeManagers } from './managers.ts';
import { minus, plus } from './path-sets.ts';

export interface Writer {
  readonly manager: string;
  readonly subresource?: string;
}

function differences(before: FieldSet, after: FieldSet): { changed: Set<string>; removed: Set<string> } {
  const changed = [...after].filter(([path, value]) => !before.has(path) || !sameJson(before.get(path), value));
  const removed = [...before.keys()].filter((path) => !after.has(path));
  return { changed: new Set(changed.map(([path]) => path)), removed: new Set(removed) };
}

/** Maps and lists that were not there before: who brings them owns them as such, too. */
function newContainers(type: ResourceType, before: KubeObject | undefined, after: KubeObject): Set<string> {
  const known = before === undefined ? new Set<string>() : containersOf(type, before);
  return minus(containersOf(type, after), known);
}

export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const { managedFields: _old, ...metadata } = object.metadata;
  const managedFields = writeManagers(managers);
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
}

/** A write that sends an empty list of managers, or a list of an empty one, asks that nobody be remembered. */
function forgets({ metadata: { managedFields } }: KubeObject): boolean {
  return managedFields?.every((entry) => Object.keys(entry).length === 0) ?? false;
}

/**
 * Ownership after an ordinary write: who changed a field owns it, and the others don't any more.
 * @param before undefined for a new object
 */
export function trackUpdate(
  type: ResourceType,
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
  nowMs: number,
): KubeObject {
  if (writer.manager === '') return after;
  if (forgets(after)) return withManagers(after, []);
  const old = before === undefined ? new Map<string, unknown>() : fieldSet(type, before);
  const { changed, removed } = differences(old, fieldSet(type, after));
  for (const path of newContainers(type, before, after)) changed.add(path);
  const known = readManagers(before?.metadata.managedFields);
  if (changed.size === 0 && removed.size === 0) return withManagers(after, known);
  const me = { manager: writer.manager, operation: 'Update' as const, subresource: writer.subresource ?? '' };
  const mine = known.find((entry) => isSame(entry, me))?.paths ?? new Set<string>();
  const others = known
    .filter((entry) => !isSame(entry, me))
    .map((entry) => ({ ...entry, paths: minus(minus(entry.paths, changed), removed) }));
  const own: Manager = {
    ...me,
    apiVersion: apiVersionOf(type),
    time: timeNow(nowMs),
    paths: plus(minus(mine, removed), changed),
  };
  return withManagers(after, [...others, own]);
}
