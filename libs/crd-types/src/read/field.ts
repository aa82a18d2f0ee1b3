import { fieldValue, isObject, type JsonObject } from './field-value.ts';
import { respellRecord } from './respell.ts';
import { describe, ok, quote, type Read, refuse } from './result.ts';

/**
 * One field, declared once: how it is read from an object of the cluster, and how the CRD describes it. `undefined` and
 * null stand for a field that is not there; reading its result again gives the same result.
 */
export interface Field<T> {
  readonly schema: JsonObject;
  read(value: unknown, path: string): Read<T>;
  /** The merge patch that gives the fields inside of `value` their canonical names; undefined where they have them. */
  readonly respell?: ((value: unknown) => JsonObject | undefined) | undefined;
}

/** The fields of an object of type `T`, by their canonical names. */
export type Fields<T> = { readonly [Name in keyof T]-?: Field<Exclude<T[Name], undefined>> | Field<T[Name]> };

interface TextOptions {
  readonly description: string;
  /** More of the OpenAPI schema. */
  readonly schema?: JsonObject;
}

const isMissing = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A text, `''` if missing. A number is taken for its digits: YAML reads an unquoted `123` as a number. */
export function text({ description, schema = {} }: TextOptions): Field<string> {
  return {
    schema: { description, type: 'string', ...schema },
    read: (value, path) => {
      if (isMissing(value)) return ok('');
      if (typeof value === 'string') return ok(value);
      if (typeof value === 'number' && Number.isSafeInteger(value)) return ok(String(value));
      return refuse(path, describe(value), 'a text');
    },
  };
}

interface WholeOptions {
  readonly description: string;
  readonly min: number;
  readonly max: number;
  /** Bounds that the CRD enforces too; without them any integer is stored. */
  readonly schema?: JsonObject;
}

const DIGITS = /^\s*[+-]?\d{1,15}\s*$/;

function toWhole(value: unknown): number {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  return typeof value === 'string' && DIGITS.test(value) ? Number(value) + 0 : Number.NaN;
}

/** A whole number from `min` to `max`, 0 if missing; `"1"` counts as 1. */
export function whole({ description, min, max, schema = {} }: WholeOptions): Field<number> {
  const allowed = `a whole number from ${min} to ${max}`;
  return {
    schema: { description, type: 'integer', ...schema },
    read: (value, path) => {
      if (isMissing(value) || value === '') return ok(0);
      const number = toWhole(value);
      if (Number.isSafeInteger(number) && number >= min && number <= max) return ok(number);
      return refuse(path, typeof value === 'string' ? quote(value, 12) : describe(value), allowed);
    },
  };
}

/** A list of texts, empty if missing; nulls and empty texts in it are dropped. */
export function texts({ description, schema = {} }: TextOptions): Field<readonly string[]> {
  const item = text({ description: '' });
  return {
    schema: { description, type: 'array', nullable: true, items: { type: 'string' }, ...schema },
    read: (value, path) => {
      if (isMissing(value)) return ok([]);
      if (!Array.isArray(value)) return refuse(path, describe(value), 'a list of texts');
      const items: Read<string>[] = value.map((entry: unknown, index) => item.read(entry, `${path}[${index}]`));
      const bad = items.find((entry) => !entry.ok);
      return bad ?? ok(items.flatMap((entry) => (entry.ok && entry.value !== '' ? [entry.value] : [])));
    },
  };
}

/** A map from text to text, empty if missing; nulls in it are dropped, numbers and booleans become their text. */
export function dictionary({ description, schema = {} }: TextOptions): Field<Readonly<Record<string, string>>> {
  return {
    schema: { description, type: 'object', additionalProperties: { type: 'string' }, ...schema },
    read: (value, path) => {
      if (isMissing(value)) return ok({});
      if (!isObject(value)) return refuse(path, describe(value), 'a map of texts');
      const entries = Object.entries(value).filter(([, entry]) => !isMissing(entry));
      const bad = entries.find(([, entry]) => !['string', 'number', 'boolean'].includes(typeof entry));
      if (bad !== undefined) return refuse(`${path}.${bad[0].slice(0, 80)}`, describe(bad[1]), 'a text');
      return ok(Object.fromEntries(entries.map(([key, entry]) => [key, String(entry)])));
    },
  };
}

interface RecordOptions {
  readonly description?: string;
  readonly schema?: JsonObject;
}

/**
 * An object with these fields, each in any case; unknown fields are left out of the result. A missing object reads as
 * one whose fields are all missing. A field that reads as undefined is left out.
 */
export function record<T extends object>(fields: Fields<T>, options: RecordOptions = {}): Field<T> {
  const declared = Object.entries<Field<unknown>>(fields);
  const properties = Object.fromEntries(declared.map(([name, field]) => [name, field.schema]));
  const description = options.description === undefined ? {} : { description: options.description };
  return {
    schema: { ...description, type: 'object', properties, ...options.schema },
    read: (value, path) => {
      if (!isMissing(value) && !isObject(value)) return refuse(path, describe(value), 'an object');
      const result: Record<string, unknown> = {};
      for (const [name, field] of declared) {
        const read = field.read(fieldValue(value ?? {}, name), path === '' ? name : `${path}.${name}`);
        if (!read.ok) return read;
        if (read.value !== undefined) result[name] = read.value;
      }
      return ok(result as T);
    },
    respell: (value) => (isObject(value) ? respellRecord(declared, value) : undefined),
  };
}

/** `field`, or undefined where it is missing. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    read: (value, path) => (isMissing(value) ? ok(undefined) : field.read(value, path)),
  };
}

/** `field`, in objects only: the API server looks after this part itself and the CRD says nothing about it. */
export function unreported<T>(field: Field<T>): Field<T> {
  return { ...field, schema: { type: 'object' }, respell: undefined };
}
