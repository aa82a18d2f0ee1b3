import { Environment } from '@marcbachmann/cel-js';

import { isRecord } from '../json.ts';
import { type FieldProblem, forbiddenField, required } from '../status-errors.ts';
import { childPath } from './prune.ts';
import type { SchemaNode, ValidationRule } from './schema-node.ts';

const environment = new Environment({ unlistedVariablesAreDyn: true });

type Program = (variables: Record<string, unknown>) => unknown;
const programs = new Map<string, Program>();

/** Rules are compiled once, whatever the number of objects. */
function compiled(rule: string): Program {
  const known = programs.get(rule);
  if (known !== undefined) return known;
  const program = environment.parse(rule) as Program;
  programs.set(rule, program);
  return program;
}

/** JSON values as the rule language sees them: whole numbers are of a type of their own. */
function celValue(value: unknown, schema: SchemaNode | undefined): unknown {
  if (typeof value === 'number') return schema?.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, celValue(inner, schema?.properties?.[field])]),
  );
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly schema: SchemaNode;
  readonly path: string;
}

function problemOf(rule: ValidationRule, { path }: Place): FieldProblem {
  const field = `${path}${rule.fieldPath ?? ''}`;
  const text = rule.message ?? `failed rule: ${rule.rule}`;
  if (rule.reason === 'FieldValueRequired') return required(field, text);
  if (rule.reason === 'FieldValueForbidden') return forbiddenField(field, text);
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${text}` };
}

/** A rule that speaks of the old value says nothing about a new one. */
function holds(rule: ValidationRule, { value, old, schema }: Place): boolean {
  if (/\boldSelf\b/.test(rule.rule) && old === undefined) return true;
  try {
    return compiled(rule.rule)({ self: celValue(value, schema), oldSelf: celValue(old, schema) }) === true;
  } catch {
    return false;
  }
}

function inner(place: Place): Place[] {
  const { value, old, schema, path } = place;
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    return value.map((item: unknown, index) => ({
      value: item,
      old: undefined,
      schema: items,
      path: `${path}[${index}]`,
    }));
  }
  if (!isRecord(value)) return [];
  return Object.entries(schema.properties ?? {})
    .filter(([field]) => field in value)
    .map(([field, node]) => ({
      value: value[field],
      old: isRecord(old) ? old[field] : undefined,
      schema: node,
      path: childPath(path, field),
    }));
}

const ruled = new WeakMap<SchemaNode, boolean>();

/** Whether a schema has a rule anywhere. */
export function hasRules(schema: SchemaNode): boolean {
  const known = ruled.get(schema);
  if (known !== undefined) return known;
  const { items, additionalProperties } = schema;
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ];
  const found = (schema['x-kubernetes-validations'] ?? []).length > 0 || below.some(hasRules);
  ruled.set(schema, found);
  return found;
}

/**
 * What the `x-kubernetes-validations` of a schema find wrong.
 * @param old the value before an update; `undefined` for a new one
 */
export function ruleProblems(value: unknown, old: unknown, schema: SchemaNode, path = ''): FieldProblem[] {
  const place: Place = { value, old, schema, path };
  const broken = (schema['x-kubernetes-validations'] ?? []).filter((rule) => !holds(rule, place));
  return [
    ...broken.map((rule) => problemOf(rule, place)),
    ...inner(place).flatMap((at) => ruleProblems(at.value, at.old, at.schema, at.path)),
  ];
}
