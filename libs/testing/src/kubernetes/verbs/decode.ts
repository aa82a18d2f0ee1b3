import { isRecord, type JsonRecord, recordAt } from '../json.ts';
import type { ResourceType } from '../resource-types.ts';
import { prune } from '../schema/prune.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { validate } from '../schema/validate.ts';
import { unmarshalText, unreadableTime } from './go-types.ts';
import { ApiError, badRequest, invalidValue, type ResourceName } from '../status-errors.ts';
import type { FieldValidation } from './options.ts';

export interface Decoded {
  readonly object: JsonRecord;
  readonly warnings: readonly string[];
}

const NAMELESS: ResourceName = { group: '', plural: '', kind: '' };

const strictText = (problems: readonly string[]): string => `strict decoding error: ${problems.join(', ')}`;

const asWarnings = (problems: readonly string[], validation: FieldValidation): readonly string[] =>
  validation === 'Warn' ? problems : [];

const unknownFields = (paths: readonly string[]): string[] =>
  paths.map((path) => `unknown field ${JSON.stringify(path)}`);

/** A patch that brings unknown fields is refused with the patch as the bad value. */
export function strictPatchError(patchText: string, unknown: readonly string[]): ApiError {
  const problem = invalidValue('patch', patchText, strictText(unknownFields(unknown)));
  const text = `${problem.field}: ${problem.message}`;
  const causes = [{ reason: problem.reason, message: problem.message, field: problem.field }];
  return new ApiError(422, 'Invalid', `${NAMELESS.kind} "" is invalid: ${text}`, { causes });
}

const unreadable = (type: ResourceType, why: string): ApiError =>
  badRequest(`${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${why}`);

/** Optional fields that are null are absent to a built-in kind, and so are empty labels and the like. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** @throws ApiError 400 where a field of a built-in kind has the wrong type */
function typed(type: ResourceType, object: JsonRecord, schema: SchemaNode): JsonRecord {
  if (type.custom) return object;
  const [problem] = validate(object, schema);
  if (problem !== undefined) throw unreadable(type, unmarshalText(type.kind, object, schema, problem.field));
  const time = unreadableTime(object, schema);
  if (time !== undefined) throw unreadable(type, time);
  const bad = type.collection === 'secrets' ? Object.values(recordAt(object, 'data')).find(notBase64) : undefined;
  if (bad !== undefined) throw unreadable(type, 'illegal base64 data at input byte 0');
  const bare = withoutNulls(object);
  return isRecord(bare) ? bare : {};
}

const notBase64 = (value: unknown): boolean =>
  typeof value === 'string' && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);

/**
 * The body of a POST or PUT without the fields its type does not know.
 * @throws ApiError 400 for fields of a wrong type, and for unknown ones where validation is strict
 */
export function decode(
  type: ResourceType,
  sent: JsonRecord,
  validation: FieldValidation,
  duplicates: readonly string[] = [],
): Decoded {
  if (type.schema === undefined) return { object: sent, warnings: [] };
  const { object, unknown } = prune(sent, type.schema);
  const problems = [...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`), ...unknownFields(unknown)];
  if (problems.length > 0 && validation === 'Strict') {
    const { kind, version } = type;
    throw badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${strictText(problems)}`,
    );
  }
  return { object: typed(type, object, type.schema), warnings: asWarnings(problems, validation) };
}

/** What a patch made, without unknown fields. @throws ApiError 422 for those where validation is strict */
export function decodePatched(
  type: ResourceType,
  patched: JsonRecord,
  validation: FieldValidation,
  patchText: string,
): Decoded {
  if (type.schema === undefined) return { object: patched, warnings: [] };
  const { object, unknown } = prune(patched, type.schema);
  if (unknown.length > 0 && validation === 'Strict') throw strictPatchError(patchText, unknown);
  return { object: typed(type, object, type.schema), warnings: asWarnings(unknownFields(unknown), validation) };
}

/** An applied object has to be of its type whatever the validation. @throws ApiError 500 as the real server does */
export function decodeApplied(type: ResourceType, sent: JsonRecord, name: string): JsonRecord {
  if (type.schema === undefined) return sent;
  const { unknown } = prune(sent, type.schema);
  if (unknown.length === 0) return sent;
  const gvk = `${type.group}/${type.version}, Kind=${type.kind}`;
  const fields = unknown.map((path) => `.${path}: field not declared in schema`);
  const list = fields.length === 1 ? (fields[0] ?? '') : `errors:\n${fields.map((field) => `  ${field}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${name}; ${gvk}): ${list}`);
}
