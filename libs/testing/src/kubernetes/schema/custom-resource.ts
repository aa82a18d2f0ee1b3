import { isRecord, type JsonRecord, without } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { FieldProblem } from '../status-errors.ts';
import { withDefaults } from './default.ts';
import { hasRules, ruleProblems } from './rules.ts';
import { embeddedProblems, validate } from './validate.ts';

/** An object ready to be stored, unless there are problems. */
export interface Prepared {
  readonly object: KubeObject;
  readonly problems: readonly FieldProblem[];
}

/** Which part a write may change: with a status subresource each path has its own half. */
function ownHalf(type: ResourceType, sent: KubeObject, before?: KubeObject, subresource?: string): KubeObject {
  if (!type.subresources.includes('status')) return sent;
  if (subresource === 'status' && before !== undefined) {
    const { managedFields } = sent.metadata;
    const metadata = { ...before.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
    return withStatus({ ...before, metadata }, sent.status);
  }
  return withStatus(sent, before?.status);
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const bare = asKubeObject(without(object, 'status'));
  return status === undefined ? bare : { ...bare, status };
}

/** Problems after which rules would look at values of another shape than they were written for. */
const SHAPELESS: ReadonlySet<FieldProblem['reason']> = new Set([
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const UNCHECKED: FieldProblem = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the ' +
    'existing errors to complete validation',
};

/** A custom resource with its defaults, checked against its schema. */
export function prepareCustom(
  type: ResourceType,
  sent: KubeObject,
  before?: KubeObject,
  subresource?: string,
): Prepared {
  const half = ownHalf(type, sent, before, subresource);
  if (type.schema === undefined) return { object: half, problems: [] };
  const defaulted = withDefaults(half, type.schema);
  const object = asKubeObject(isRecord(defaulted) ? defaulted : {});
  const problems = [...validate(content(object), type.schema), ...embeddedProblems(content(object), type.schema)];
  if (!hasRules(type.schema)) return { object, problems };
  if (problems.some(({ reason }) => SHAPELESS.has(reason))) return { object, problems: [...problems, UNCHECKED] };
  return { object, problems: [...problems, ...ruleProblems(object, before, type.schema)] };
}

/** Kind, version and metadata have rules of their own. */
const content = (object: KubeObject): JsonRecord => without(object, 'apiVersion', 'kind', 'metadata');
