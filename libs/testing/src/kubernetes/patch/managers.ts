import { apiTime, type ManagedFieldsEntry } from '../objects.ts';
import { fromFieldsV1, toFieldsV1 } from './field-set.ts';

/** One manager of an object and what it owns. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly paths: ReadonlySet<string>;
}

export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? []).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    subresource: entry.subresource ?? '',
    time: entry.time ?? '',
    paths: fromFieldsV1(entry.fieldsV1),
  }));
}

/** Order of the real server: by operation, then time, then name. */
const rank = (manager: Manager): string => `${manager.operation} ${manager.time} ${manager.manager}`;

/** The managers that own something, as managedFields. */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter(({ paths }) => paths.size > 0)
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(({ paths, subresource, ...entry }) => ({
      ...entry,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(paths),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

export const isSame = (
  a: Pick<Manager, 'manager' | 'operation' | 'subresource'>,
  b: Pick<Manager, 'manager' | 'operation' | 'subresource'>,
): boolean => a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;

export const timeNow = (nowMs: number): string => apiTime(nowMs);
