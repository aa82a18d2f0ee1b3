import type { JsonRecord } from '../json.ts';
import type { ResourceType } from '../resource-types.ts';
import { prune } from '../schema/prune.ts';
import { ApiError, badRequest, invalidValue, type ResourceName } from '../status-errors.ts';
import type { FieldValidation } from './options.ts';

export interface Decoded {
  readonly object: JsonRecord;
  readonly warnings: readonly string[];
}

const NAMELESS: ResourceName = { group: '', plural: '', kind: '' };

const strictText = (unknown: readonly string[]): string =>
  `strict decoding error: ${unknown.map((path) => `unknown field ${JSON.stringify(path)}`).join(', ')}`;

const asWarnings = (unknown: readonly string[], validation: FieldValidation): string[] =>
  validation === 'Warn' ? unknown.map((path) => `unknown field ${JSON.stringify(path)}`) : [];

/** A patch that brings unknown fields is refused with the patch as the bad value. */
export function strictPatchError(patchText: string, unknown: readonly string[]): ApiError {
  const problem = invalidValue('patch', patchText, strictText(unknown));
  const text = `${problem.field}: ${problem.message}`;
  const causes = [{ reason: problem.reason, message: problem.message, field: problem.field }];
  return new ApiError(422, 'Invalid', `${NAMELESS.kind} "" is invalid: ${text}`, { causes });
}

/**
 * The body of a POST or PUT without the fields its type does not know.
 * @throws ApiError 400 for unknown fields where validation is strict
 */
export function decode(type: ResourceType, sent: JsonRecord, validation: FieldValidation): Decoded {
  if (type.schema === undefined) return { object: sent, warnings: [] };
  const { object, unknown } = prune(sent, type.schema);
  if (unknown.length > 0 && validation === 'Strict') {
    const { kind, version } = type;
    throw badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${strictText(unknown)}`,
    );
  }
  return { object, warnings: asWarnings(unknown, validation) };
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
  return { object, warnings: asWarnings(unknown, validation) };
}

/** An applied object has to be of its type whatever the validation. @throws ApiError 500 as the real server does */
export function decodeApplied(type: ResourceType, sent: JsonRecord, name: string): JsonRecord {
  if (type.schema === undefined) return sent;
  const { unknown } = prune(sent, type.schema);
  if (unknown.length === 0) return sent;
  const gvk = `${type.group === '' ? '' : `${type.group}/`}${type.version}, Kind=${type.kind}`;
  const fields = unknown.map((path) => `.${path}: field not declared in schema`);
  const list = fields.length === 1 ? (fields[0] ?? '') : `errors:\n${fields.map((field) => `  ${field}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${name}; ${gvk}): ${list}`);
}
