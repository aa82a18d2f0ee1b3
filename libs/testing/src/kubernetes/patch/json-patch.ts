import jsonPatch, { type Operation } from 'fast-json-patch';

import { clone, isRecord, valueAt } from '../json.ts';
import { ApiError, badRequest } from '../status-errors.ts';

/** As many operations as the real server takes in one patch. */
const MOST_OPERATIONS = 10_000;

/** The API's answer to a JSON patch that can be read but does not fit the object, a failed `test` among them. */
const inapplicable = (): ApiError =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

function operations(patch: unknown): Operation[] {
  if (!Array.isArray(patch) || !patch.every((operation) => isRecord(operation) && typeof operation.op === 'string')) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (patch.length > MOST_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch as Operation[];
}

/** The real server takes a replacement of a member that is not there for an addition. */
function lenient(document: unknown, step: Operation): Operation {
  if (step.op !== 'replace') return step;
  const fields = step.path.split('/').slice(1).map(jsonPatch.unescapePathComponent);
  const parent = valueAt(document, fields.slice(0, -1));
  return isRecord(parent) && !((fields.at(-1) ?? '') in parent) ? { ...step, op: 'add' } : step;
}

/**
 * JSON patch (RFC 6902).
 * @throws ApiError 400 for what is no patch, 422 for one that does not fit
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  const steps = operations(patch);
  try {
    return clone(steps).reduce<unknown>((document, step) => {
      return jsonPatch.applyPatch(document, [lenient(document, step)], true).newDocument;
    }, clone(target));
  } catch {
    throw inapplicable();
  }
}
