import type { JsonRecord } from './json.ts';

/** The resource an error speaks of, as it stands in messages and details. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: JsonRecord;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: JsonRecord;
  code?: number;
}

/** An answer of the API that is not success; `body` is the Status object to send. */
export class ApiError extends Error {
  readonly code: number;
  readonly body: Status;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: JsonRecord,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.code = code;
    this.headers = headers;
    this.body = failure(code, reason, message, details);
  }
}

function failure(code: number, reason: string, message: string, details?: JsonRecord): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

const qualified = (of: ResourceName): string => (of.group === '' ? of.plural : `${of.plural}.${of.group}`);
const qualifiedKind = (of: ResourceName): string => (of.group === '' ? of.kind : `${of.kind}.${of.group}`);

function details(of: ResourceName, name: string, rest: JsonRecord = {}): JsonRecord {
  return {
    ...(name === '' ? {} : { name }),
    ...(of.group === '' ? {} : { group: of.group }),
    kind: of.plural,
    ...rest,
  };
}

export const notFound = (of: ResourceName, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(of)} "${name}" not found`, details(of, name));

/** The path itself is unknown: no such group, version or resource. */
export const pathNotFound = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

/** @param dying the object of that name is only waiting for its finalizers */
export const alreadyExists = (of: ResourceName, name: string, dying = false): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${dying ? 'object is being deleted: ' : ''}${qualified(of)} "${name}" already exists`,
    details(of, name),
  );

export const conflict = (of: ResourceName, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`,
    details(of, name),
  );

export const MODIFIED_MEANWHILE =
  'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (of: ResourceName, name: string, why: string, causes?: StatusCause[]): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    `${qualified(of)} "${name}" is forbidden: ${why}`,
    details(of, name, causes === undefined ? {} : { causes }),
  );

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);

export const tooLarge = (limit: number): ApiError =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

export const internalError = (why: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** A patch of a media type that no kind takes. */
export const unknownMediaType = (): ApiError =>
  new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

export const notAcceptable = (available: readonly string[]): ApiError =>
  new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`, {});

/** One thing wrong with one field, in the vocabulary of the API. */
export interface FieldProblem {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueTypeInvalid'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueNotFound';
  readonly field: string;
  readonly message: string;
}

/** The Invalid answer: each problem in the message and as a cause. */
export function invalid(of: ResourceName, name: string, problems: readonly FieldProblem[]): ApiError {
  const lines = problems.map((problem) => `${problem.field}: ${problem.message}`);
  const [first = '', ...others] = lines;
  const text = others.length === 0 ? first : `[${[first, ...others].join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualifiedKind(of)} "${name}" is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(of.group === '' ? {} : { group: of.group }),
    kind: of.kind,
    causes: problems.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

const show = (value: unknown): string => JSON.stringify(value);

export const required = (field: string, detail = ''): FieldProblem => ({
  reason: 'FieldValueRequired',
  field,
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
});

export const invalidValue = (field: string, value: unknown, detail: string): FieldProblem => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${show(value)}: ${detail}`,
});

export const forbiddenField = (field: string, detail: string): FieldProblem => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});

export const notSupported = (field: string, value: unknown, allowed: readonly unknown[]): FieldProblem => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${show(value)}: supported values: ${allowed.map(show).join(', ')}`,
});

/** Problems of a `dryRun`, which has one value only. */
export const dryRunProblems = (dryRun: readonly unknown[]): FieldProblem[] =>
  dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];

export const typeInvalid = (field: string, shown: string, detail: string): FieldProblem => ({
  reason: 'FieldValueTypeInvalid',
  field,
  message: `Invalid value: ${shown}: ${detail}`,
});

export const tooLong = (field: string, limit: number): FieldProblem => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${limit} bytes`,
});

export const tooMany = (field: string, actual: number, limit: number): FieldProblem => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${limit} items`,
});

export const duplicate = (field: string, value: unknown): FieldProblem => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${show(value)}`,
});
