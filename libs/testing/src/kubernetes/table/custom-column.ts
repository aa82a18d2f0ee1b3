import { isRecord } from '../json.ts';
import type { PrinterColumn } from '../resource-types.ts';
import type { Column } from './columns.ts';
import { age } from './durations.ts';

/** Steps of the simple JSONPath of printer columns: `.spec.a`, `.spec['a.b']`, `[0]`, `[*]`, `[?(@.type=="x")]`. */
const STEP =
  /\.([\w-]+(?:\\\.[\w-]+)*)|\[['"]([^'"]+)['"]\]|\[(\d+|\*)\]|\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]/g;

function step(values: readonly unknown[], match: RegExpExecArray): unknown[] {
  const [, plain, quoted, index, field, wanted] = match;
  const name = plain?.replaceAll('\\.', '.') ?? quoted;
  return values.flatMap((value) => {
    if (name !== undefined) return isRecord(value) && name in value ? [value[name]] : [];
    if (!Array.isArray(value)) return [];
    const items = value as unknown[];
    if (index === '*') return items;
    if (index !== undefined) return items.slice(Number(index), Number(index) + 1);
    return items.filter((item) => isRecord(item) && item[field ?? ''] === wanted);
  });
}

/** What a printer column's JSONPath finds in an object. */
export function findByPath(object: unknown, path: string): unknown[] {
  return [...path.matchAll(STEP)].reduce<unknown[]>((values, match) => step(values, match), [object]);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

function cellValue(column: PrinterColumn, found: readonly unknown[], now: number): unknown {
  const [first] = found;
  if (first === undefined || first === null) return null;
  if (column.type === 'date') return age(first, now);
  if (column.type === 'integer') return typeof first === 'number' ? Math.trunc(first) : null;
  if (column.type === 'number') return typeof first === 'number' ? first : null;
  if (column.type === 'boolean') return typeof first === 'boolean' ? first : null;
  return found.map(shown).join(',');
}

/** The column of a CRD's `additionalPrinterColumns`. */
export function customColumn(column: PrinterColumn): Column {
  return { ...column, cell: (object, now) => cellValue(column, findByPath(object, column.path), now) };
}
