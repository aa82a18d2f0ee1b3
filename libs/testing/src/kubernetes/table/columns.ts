import { sameJson, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { builtinColumns } from './builtin-columns.ts';
import { customColumn } from './custom-column.ts';
import { age } from './durations.ts';

/** A column with the way to its value. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly cell: (object: KubeObject, now: number) => unknown;
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  cell: (object, now) => age(object.metadata.creationTimestamp, now),
};

const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  cell: (object) => stringAt(object, 'metadata', 'creationTimestamp'),
};

/** Columns of a type: its own table for built-in ones, the printer columns of a CRD, else name and time. */
export function columnsOf(type: ResourceType): readonly Column[] {
  if (type.columns !== undefined && !sameJson(type.columns, [])) return [nameColumn, ...type.columns.map(customColumn)];
  if (type.custom) return [nameColumn, ageColumn];
  return builtinColumns[type.collection] ?? [nameColumn, createdAtColumn];
}
