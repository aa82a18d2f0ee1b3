/**
 * What can become of a request to IMDS:
 * - `identityNotFound`: the identity is not on this machine, or several are and none was named;
 * - `invalidResource`: no such audience; `invalidRequest`: refused for another reason, for good;
 * - `throttled`, `unavailable` (404, 410, 408, 5xx): again later; `retryAfterMs` says when, if IMDS did;
 * - `unreachable`: no connection; `timeout`: no answer in time; `badResponse`: an answer that is not a token.
 */
export type ImdsErrorCode =
  | 'identityNotFound'
  | 'invalidRequest'
  | 'invalidResource'
  | 'throttled'
  | 'unavailable'
  | 'unreachable'
  | 'timeout'
  | 'badResponse';

export interface ImdsErrorDetails {
  readonly status?: number;
  /** Milliseconds. */
  readonly retryAfterMs?: number;
  /** `error` of the answer's body. */
  readonly error?: string;
  /** `error_description` of the answer's body. */
  readonly description?: string;
  readonly cause?: unknown;
}

export class ImdsError extends Error {
  override readonly name = 'ImdsError';
  readonly code: ImdsErrorCode;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly error?: string;
  readonly description?: string;

  constructor(code: ImdsErrorCode, message: string, details: ImdsErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.error !== undefined) this.error = details.error;
    if (details.description !== undefined) this.description = details.description;
  }
}

const TRANSIENT: ReadonlySet<ImdsErrorCode> = new Set(['throttled', 'unavailable', 'unreachable', 'timeout']);

/** Whether the same request may succeed later without anybody changing anything. */
export function isTransient(error: ImdsError): boolean {
  return TRANSIENT.has(error.code);
}
