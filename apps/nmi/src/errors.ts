import { EntraError, type EntraErrorCode } from '@aad-pod-identity/entra';
import { ImdsError, type ImdsErrorCode } from '@aad-pod-identity/imds';
import { isKubeError } from '@aad-pod-identity/kube';
import { redactId } from '@aad-pod-identity/runtime';
import type { Refusal } from './route.ts';

/** Every reason not to give a token or metadata. What each looks like to the caller is in the table below. */
export type NmiErrorCode =
  | Refusal
  | 'headerRequired'
  | 'forwarded'
  | 'hostNotAllowed'
  | 'resourceEmpty'
  | 'badParameters'
  | 'callerUnknown'
  | 'callerAmbiguous'
  | 'identityNotFound'
  | 'identityPending'
  | 'identityPendingRetry'
  | 'identityMisconfigured'
  | 'tokenRefused'
  | 'throttled'
  | 'tooManyOfPod'
  | 'upstreamUnavailable'
  | 'kubernetesUnavailable'
  | 'settingsUnknown'
  | 'hostHeadersMissing'
  | 'hostCallerForbidden'
  | 'hostPodUnknown'
  | 'clientGone'
  | 'internal';

export interface ErrorAnswer {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** Whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly allow?: string;
}

/**
 * The table from error to answer. A failure that lasts is never a 5xx and one that passes never a 4xx other than 404
 * and 429, because clients decide by that whether to ask again.
 */
const ANSWERS: Readonly<Record<NmiErrorCode, ErrorAnswer>> = {
  headerRequired: { status: 400, error: 'invalid_request', description: 'Required metadata header not specified' },
  forwarded: { status: 400, error: 'invalid_request', description: 'A request with X-Forwarded-For is not answered' },
  hostNotAllowed: { status: 400, error: 'invalid_request', description: 'The Host header must be an IP address' },
  resourceEmpty: { status: 400, error: 'invalid_request', description: 'parameter resource cannot be empty' },
  badParameters: { status: 400, error: 'invalid_request', description: 'Invalid request' },
  identityNotFound: { status: 400, error: 'invalid_request', description: 'Identity not found' },
  lookAlike: { status: 400, error: 'invalid_request', description: 'Invalid request' },
  hostHeadersMissing: { status: 400, error: 'invalid_request', description: 'missing headers podname and podns' },
  identityPath: { status: 403, error: 'access_denied', description: 'Request blocked by AAD Pod Identity NMI' },
  instanceBlocked: { status: 403, error: 'access_denied', description: 'Request blocked by AAD Pod Identity NMI' },
  notAllowed: { status: 403, error: 'access_denied', description: 'Request blocked by AAD Pod Identity NMI' },
  hostCallerForbidden: { status: 403, error: 'access_denied', description: 'Only the node itself may ask this' },
  identityMisconfigured: { status: 403, error: 'access_denied', description: 'The identity cannot be used' },
  tokenRefused: { status: 403, error: 'access_denied', description: 'The token was refused' },
  noPlatformMetadata: { status: 404, error: 'not_found', description: 'Not found' },
  identityPending: { status: 404, error: 'not_found', description: 'No identity is assigned yet' },
  notGet: { status: 405, error: 'method_not_allowed', description: 'Only GET is allowed', allow: 'GET' },
  throttled: { status: 429, error: 'too_many_requests', description: 'Too many requests', retryAfterSeconds: 5 },
  tooManyOfPod: {
    status: 429,
    error: 'too_many_requests',
    description: 'This pod asks too often',
    retryAfterSeconds: 1,
  },
  clientGone: { status: 499, error: 'client_closed_request', description: 'The client has left' },
  internal: { status: 500, error: 'server_error', description: 'Internal error' },
  callerUnknown: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'No pod of this node has the address of the caller',
    retryAfterSeconds: 2,
  },
  callerAmbiguous: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'Several pods have the address of the caller',
    retryAfterSeconds: 5,
  },
  hostPodUnknown: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'No such pod runs on this node',
    retryAfterSeconds: 2,
  },
  identityPendingRetry: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'No identity is assigned yet',
    retryAfterSeconds: 20,
  },
  upstreamUnavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The token service gives no answer',
    retryAfterSeconds: 5,
  },
  settingsUnknown: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The settings of namespaces are not known yet',
    retryAfterSeconds: 2,
  },
  kubernetesUnavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The Kubernetes API gives no answer',
    retryAfterSeconds: 5,
  },
};

export class NmiError extends Error {
  override readonly name = 'NmiError';
  readonly code: NmiErrorCode;
  readonly retryAfterMs: number | undefined;

  /** `description` is what the caller reads, one sentence; the table's unless given. */
  constructor(
    code: NmiErrorCode,
    description?: string,
    details: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(description ?? ANSWERS[code].description, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const IMDS_CODES: Readonly<Record<ImdsErrorCode, NmiErrorCode>> = {
  identityNotFound: 'tokenRefused',
  invalidRequest: 'tokenRefused',
  invalidResource: 'tokenRefused',
  throttled: 'throttled',
  unavailable: 'upstreamUnavailable',
  unreachable: 'upstreamUnavailable',
  timeout: 'upstreamUnavailable',
  badResponse: 'upstreamUnavailable',
};

const ENTRA_CODES: Readonly<Record<EntraErrorCode, NmiErrorCode>> = {
  badCredential: 'tokenRefused',
  unknownApp: 'tokenRefused',
  unknownTenant: 'tokenRefused',
  badResource: 'tokenRefused',
  refused: 'tokenRefused',
  throttled: 'throttled',
  unavailable: 'upstreamUnavailable',
  unreachable: 'upstreamUnavailable',
  timeout: 'upstreamUnavailable',
};

/** A client reads this word in a 403 as "no managed identity here" and goes on to its next credential. */
const MISREAD = /unreachable/gi;

/** Ids of applications, which Entra ID quotes in what IMDS passes on; those that its support asks for are no secret. */
const QUOTED_ID = /(?<!(?:trace|correlation) id: *)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/** Goes to the log as well as to the caller. */
function refusalText(error: ImdsError | EntraError): string {
  const said = error instanceof ImdsError ? error.description : undefined;
  return said === undefined ? error.message : `${error.message}: ${said.replace(QUOTED_ID, redactId)}`;
}

/** Any throw as one of ours. What is not known to be harmless is not told to the caller. */
export function asNmiError(error: unknown): NmiError {
  if (error instanceof NmiError) return error;
  if (error instanceof ImdsError || error instanceof EntraError) {
    const code = error instanceof ImdsError ? IMDS_CODES[error.code] : ENTRA_CODES[error.code];
    const description = code === 'tokenRefused' ? refusalText(error) : undefined;
    return new NmiError(code, description, { cause: error, retryAfterMs: error.retryAfterMs });
  }
  if (isKubeError(error)) return new NmiError('kubernetesUnavailable', undefined, { cause: error });
  return new NmiError('internal', undefined, { cause: error });
}

const PASSING: ReadonlySet<NmiErrorCode> = new Set(['throttled', 'upstreamUnavailable']);

/** Whether whoever gives tokens may give this one later, without anybody changing anything. */
export function mayPass({ code }: NmiError): boolean {
  return PASSING.has(code);
}

/** How `error` looks to the caller. A `Retry-After` that the other side asked for wins over the table's. */
export function answerOf(error: NmiError): ErrorAnswer {
  const answer = ANSWERS[error.code];
  const asked = error.retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1000) };
  const description = answer.status === 403 ? error.message.replace(MISREAD, 'not reached') : error.message;
  return { ...answer, description, ...(answer.retryAfterSeconds === undefined ? {} : asked) };
}
