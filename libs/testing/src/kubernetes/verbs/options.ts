import { flag } from '../http/request.ts';
import {
  type FieldProblem,
  badRequest,
  dryRunProblems,
  forbiddenField,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../status-errors.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What every write may say in its query. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string;
}

const LONGEST_MANAGER = 128;
const VALIDATIONS: readonly string[] = ['Ignore', 'Warn', 'Strict'];

function problemsOf(query: URLSearchParams): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const validation = query.get('fieldValidation');
  const manager = query.get('fieldManager') ?? '';
  if (manager.length > LONGEST_MANAGER) problems.push(tooLong('fieldManager', LONGEST_MANAGER));
  problems.push(...dryRunProblems(query.getAll('dryRun')));
  if (validation !== null && validation !== '' && !VALIDATIONS.includes(validation)) {
    const allowed = '"", "Ignore", "Strict", "Warn"';
    problems.push({
      reason: 'FieldValueNotSupported',
      field: 'fieldValidation',
      message: `Unsupported value: "${validation}": supported values: ${allowed}`,
    });
  }
  return problems;
}

const optionsResource = (kind: string) => ({ group: 'meta.k8s.io', plural: '', kind });

/** The manager named by the caller, else what stands before the first `/` of its user agent. */
export function managerName(query: URLSearchParams, userAgent: string | undefined): string {
  const named = query.get('fieldManager');
  if (named !== null && named !== '') return named;
  return (userAgent ?? '').split('/')[0]?.slice(0, LONGEST_MANAGER) ?? '';
}

/** @throws ApiError 422 when an option has a value the API does not know */
export function writeOptions(query: URLSearchParams, userAgent: string | undefined, kind: string): WriteOptions {
  const problems = problemsOf(query);
  if (problems.length > 0) throw invalid(optionsResource(kind), '', problems);
  const validation = query.get('fieldValidation');
  return {
    dryRun: query.getAll('dryRun').includes('All'),
    fieldValidation: validation === null || validation === '' ? 'Warn' : (validation as FieldValidation),
    fieldManager: managerName(query, userAgent),
  };
}

/** @throws ApiError 422 unless `force` and `fieldManager` fit the kind of patch */
export function assertPatchOptions(query: URLSearchParams, apply: boolean): void {
  const problems: FieldProblem[] = [];
  if (apply && (query.get('fieldManager') ?? '') === '') {
    problems.push(required('fieldManager', 'is required for apply patch'));
  }
  if (!apply && query.has('force')) {
    problems.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  if (problems.length > 0) throw invalid(optionsResource('PatchOptions'), '', problems);
}

export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly match: string;
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean;
  readonly timeoutSeconds: number;
}

function listProblems(query: URLSearchParams, watch: boolean): FieldProblem[] {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const initial = flag(query, 'sendInitialEvents');
  const problems: FieldProblem[] = [];
  const forbid = (field: string, detail: string): void => void problems.push(forbiddenField(field, detail));
  if (query.has('sendInitialEvents') && !watch) forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (watch && match !== '' && !query.has('sendInitialEvents')) {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (watch && initial && match !== 'NotOlderThan') {
    forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (watch || match === '') return problems;
  if (version === '')
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if ((query.get('continue') ?? '') !== '')
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    problems.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && version === '0') {
    forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  return problems;
}

/** @throws ApiError 400 unless it is a whole number */
function numberOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '0';
  if (/^-?\d*$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** @throws ApiError 422 when options contradict each other, 400 when they can't be read */
export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const problems = listProblems(query, watch);
  if (problems.length > 0) throw invalid(optionsResource('ListOptions'), '', problems);
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: numberOf(query, 'limit'),
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
    allowBookmarks: flag(query, 'allowWatchBookmarks'),
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
  };
}
