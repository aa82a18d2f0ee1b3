import { randomInt } from 'node:crypto';

import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { CRD_FINALIZER } from './delete.ts';
import { type FieldProblem, invalidValue, required } from '../status-errors.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
export const KEY_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Kinds whose names are single labels, and those whose names are free. */
const LABEL_NAMES = new Set(['namespaces', 'services']);
const FREE_NAMES = '.rbac.authorization.k8s.io';

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion', CRD_FINALIZER];

function nameProblems(type: ResourceType, name: string): FieldProblem[] {
  if (type.collection.endsWith(FREE_NAMES)) return [];
  const single = LABEL_NAMES.has(type.plural) && !type.custom;
  const limit = single ? 63 : 253;
  if (name.length > limit) return [invalidValue('metadata.name', name, `must be no more than ${limit} characters`)];
  if (single && name.includes('.')) return [invalidValue('metadata.name', name, 'must not contain dots')];
  if ((single ? LABEL : SUBDOMAIN).test(name)) return [];
  return [invalidValue('metadata.name', name, single ? LABEL_TEXT : SUBDOMAIN_TEXT)];
}

function qualifiedNameProblems(field: string, key: string): FieldProblem[] {
  const [last = '', prefix] = key.split('/').reverse();
  if (!QUALIFIED_NAME.test(last) || last.length > 63) return [invalidValue(field, key, KEY_TEXT)];
  if (prefix === undefined || SUBDOMAIN.test(prefix)) return [];
  return [invalidValue(field, key, `prefix part ${SUBDOMAIN_TEXT}`)];
}

function labelProblems(labels: Readonly<Record<string, string>>): FieldProblem[] {
  const field = 'metadata.labels';
  return Object.entries(labels).flatMap(([key, value]) => {
    const problems = qualifiedNameProblems(field, key);
    if (problems.length > 0) return problems;
    if (value.length > 63) return [invalidValue(field, value, 'must be no more than 63 bytes')];
    return value === '' || QUALIFIED_NAME.test(value) ? [] : [invalidValue(field, value, VALUE_TEXT)];
  });
}

/** The prefix of a key may be in any case, the key of an annotation as well. */
const annotationProblems = (annotations: Readonly<Record<string, string>>): FieldProblem[] =>
  Object.keys(annotations).flatMap((key) => qualifiedNameProblems('metadata.annotations', key.toLowerCase()));

const NEITHER = 'name is neither a standard finalizer name nor is it fully qualified';

function finalizerProblems(type: ResourceType, finalizers: readonly string[]): FieldProblem[] {
  return finalizers.flatMap((name, index) => {
    const problems = qualifiedNameProblems('metadata.finalizers', name);
    if (type.custom || name.includes('/') || STANDARD_FINALIZERS.includes(name)) return problems;
    return [...problems, invalidValue(`metadata.finalizers[${index}]`, name, NEITHER)];
  });
}

/** What is wrong with the metadata of an object about to be stored. */
export function metadataProblems(type: ResourceType, { metadata }: KubeObject): FieldProblem[] {
  const name: unknown = metadata.name;
  if (typeof name !== 'string' || name === '') return [required('metadata.name', 'name or generateName is required')];
  return [
    ...nameProblems(type, name),
    ...labelProblems(metadata.labels ?? {}),
    ...annotationProblems(metadata.annotations ?? {}),
    ...finalizerProblems(type, metadata.finalizers ?? []),
  ];
}

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const LONGEST_BASE = 58;

/** A name from a `generateName`: five letters that make no word. */
export function generatedName(base: string): string {
  const suffix = Array.from({ length: 5 }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]).join('');
  return `${base.slice(0, LONGEST_BASE)}${suffix}`;
}
