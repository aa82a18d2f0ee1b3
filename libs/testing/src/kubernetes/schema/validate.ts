import { isRecord, type JsonRecord, sameJson } from '../json.ts';
import {
  type FieldProblem,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  duplicate,
  typeInvalid,
} from '../status-errors.ts';
import { childPath } from './prune.ts';
import type { SchemaNode } from './schema-node.ts';

/** The name of a value's JSON type as the validator says it. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function fits(value: unknown, schema: SchemaNode): boolean {
  const actual = typeName(value);
  if (actual === 'null') return schema.nullable === true;
  if (schema['x-kubernetes-int-or-string'] === true) return actual === 'integer' || actual === 'string';
  if (schema.type === undefined || schema.type === '') return true;
  return actual === schema.type || (schema.type === 'number' && actual === 'integer');
}

function typeProblem(value: unknown, schema: SchemaNode, path: string): FieldProblem {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '');
  const actual = JSON.stringify(typeName(value));
  return typeInvalid(path, actual, `${path} in body must be of type ${wanted}: ${actual}`);
}

type Check = (value: unknown, schema: SchemaNode, path: string) => FieldProblem[];

const says = (bad: boolean, path: string, value: unknown, text: string): FieldProblem[] =>
  bad ? [invalidValue(path, value, `${path} in body ${text}`)] : [];

const checkNumber: Check = (value, schema, path) => {
  if (typeof value !== 'number') return [];
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const low = exclusiveMinimum === true ? value <= minimum : value < minimum;
  const high = exclusiveMaximum === true ? value >= maximum : value > maximum;
  const orEqual = (exclusive: boolean | undefined): string => (exclusive === true ? '' : ' or equal to');
  return [
    ...says(low, path, value, `should be greater than${orEqual(exclusiveMinimum)} ${minimum}`),
    ...says(high, path, value, `should be less than${orEqual(exclusiveMaximum)} ${maximum}`),
    ...says(
      multipleOf !== undefined && value % multipleOf !== 0,
      path,
      value,
      `should be a multiple of ${multipleOf ?? 1}`,
    ),
  ];
};

const checkString: Check = (value, schema, path) => {
  if (typeof value !== 'string') return [];
  const { minLength = 0, maxLength, pattern } = schema;
  const length = Array.from(value).length;
  return [
    ...says(length < minLength, path, value, `should be at least ${minLength} chars long`),
    ...(maxLength !== undefined && length > maxLength ? [tooLong(path, maxLength)] : []),
    ...(pattern !== undefined && !new RegExp(pattern).test(value)
      ? says(true, path, value, `should match '${pattern}'`)
      : []),
    ...formatProblems(value, schema, path),
  ];
};

/** Formats that the real server checks in custom resources. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
};

function formatProblems(value: string, { format }: SchemaNode, path: string): FieldProblem[] {
  const pattern = format === undefined ? undefined : FORMATS[format];
  if (pattern === undefined || pattern.test(value)) return [];
  const shown = JSON.stringify(value);
  return [typeInvalid(path, shown, `${path} in body must be of type ${format ?? ''}: ${shown}`)];
}

const checkEnum: Check = (value, schema, path) =>
  schema.enum === undefined || schema.enum.some((allowed) => sameJson(allowed, value))
    ? []
    : [notSupported(path, value, schema.enum)];

function listKey(schema: SchemaNode, item: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || keys === undefined) return item;
  return Object.fromEntries(keys.map((key) => [key, isRecord(item) ? item[key] : undefined]));
}

function duplicates(items: readonly unknown[], schema: SchemaNode, path: string): FieldProblem[] {
  const kind = schema['x-kubernetes-list-type'];
  if (kind !== 'set' && kind !== 'map') return [];
  const keys = items.map((item) => listKey(schema, item));
  return keys.flatMap((key, index) =>
    keys.slice(0, index).some((other) => sameJson(other, key)) ? [duplicate(`${path}[${index}]`, key)] : [],
  );
}

const checkList: Check = (value, schema, path) => {
  if (!Array.isArray(value)) return [];
  const items = value as unknown[];
  const { minItems = 0, maxItems, items: inner } = schema;
  return [
    ...says(items.length < minItems, path, items.length, `should have at least ${minItems} items`),
    ...(maxItems !== undefined && items.length > maxItems ? [tooMany(path, items.length, maxItems)] : []),
    ...duplicates(items, schema, path),
    ...(inner === undefined ? [] : items.flatMap((item, index) => validate(item, inner, `${path}[${index}]`))),
  ];
};

const checkObject: Check = (value, schema, path) => {
  if (!isRecord(value)) return [];
  const size = Object.keys(value).length;
  const { minProperties = 0, maxProperties, additionalProperties } = schema;
  const missing = (schema.required ?? []).filter((field) => !(field in value));
  return [
    ...missing.map((field) => required(childPath(path, field))),
    ...says(size < minProperties, path, size, `should have at least ${minProperties} properties`),
    ...(maxProperties !== undefined && size > maxProperties ? [tooMany(path, size, maxProperties)] : []),
    ...Object.entries(value).flatMap(([field, inner]) => {
      const fallback = typeof additionalProperties === 'object' ? additionalProperties : undefined;
      const node = schema.properties?.[field] ?? fallback;
      return node === undefined ? [] : validate(inner, node, childPath(path, field));
    }),
  ];
};

/** Junctors are reported without a field, as the real server does. */
const junctor = (path: string, text: string): FieldProblem => ({
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message: `Invalid value: "": ${JSON.stringify(path)} must ${text}`,
});

const checkJunctors: Check = (value, schema, path) => {
  const passes = (node: SchemaNode): boolean => validate(value, node, path).length === 0;
  const { allOf = [], anyOf, oneOf, not } = schema;
  const exact = oneOf?.filter(passes).length;
  const found = exact === 0 ? 'Found none valid' : `Found ${exact ?? 0} valid alternatives`;
  return [
    ...allOf.flatMap((node) => validate(value, node, path)),
    ...(anyOf !== undefined && !anyOf.some(passes) ? [junctor(path, 'validate at least one schema (anyOf)')] : []),
    ...(exact !== undefined && exact !== 1
      ? [junctor(path, `validate one and only one schema (oneOf). ${found}`)]
      : []),
    ...(not !== undefined && passes(not) ? [junctor(path, 'not validate the schema (not)')] : []),
  ];
};

const CHECKS: readonly Check[] = [checkEnum, checkNumber, checkString, checkList, checkObject, checkJunctors];

/** Everything about a value that its schema does not allow, in the words of the real server. */
export function validate(value: unknown, schema: SchemaNode, path = ''): FieldProblem[] {
  if (!fits(value, schema)) return [typeProblem(value, schema, path)];
  if (value === null) return [];
  return CHECKS.flatMap((check) => check(value, schema, path));
}

function embedded(value: JsonRecord, schema: SchemaNode, path: string): FieldProblem[] {
  const own = schema['x-kubernetes-embedded-resource'] === true ? ['apiVersion', 'kind'] : [];
  const missing = own.filter((field) => typeof value[field] !== 'string' || value[field] === '');
  return [
    ...missing.map((field) => required(childPath(path, field))),
    ...Object.entries(schema.properties ?? {}).flatMap(([field, node]) =>
      embeddedProblems(value[field], node, childPath(path, field)),
    ),
  ];
}

/** Objects inside objects that do not say what they are. */
export function embeddedProblems(value: unknown, schema: SchemaNode, path = ''): FieldProblem[] {
  if (isRecord(value)) return embedded(value, schema, path);
  const { items } = schema;
  if (!Array.isArray(value) || items === undefined) return [];
  return value.flatMap((item, index) => embeddedProblems(item, items, `${path}[${index}]`));
}
