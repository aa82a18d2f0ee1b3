/**
 * What can become of a token request to Entra ID:
 * - `badCredential`: secret, certificate or assertion is wrong or expired, or cannot be read;
 * - `unknownApp`, `unknownTenant`, `badResource`: no such thing; `refused`: any other refusal for good;
 * - `throttled`, `unavailable` (5xx, or an answer that is none): again later;
 * - `unreachable`: no connection; `timeout`: no answer in time.
 */
export type EntraErrorCode =
  | 'badCredential'
  | 'unknownApp'
  | 'unknownTenant'
  | 'badResource'
  | 'refused'
  | 'throttled'
  | 'unavailable'
  | 'unreachable'
  | 'timeout';

export interface EntraErrorDetails {
  readonly status?: number;
  /** Milliseconds. */
  readonly retryAfterMs?: number;
  /** The number after `AADSTS`. */
  readonly aadstsCode?: number;
  readonly cause?: unknown;
}

/** Its message holds no secret, assertion or client id. */
export class EntraError extends Error {
  override readonly name = 'EntraError';
  readonly code: EntraErrorCode;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly aadstsCode?: number;

  constructor(code: EntraErrorCode, message: string, details: EntraErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.aadstsCode !== undefined) this.aadstsCode = details.aadstsCode;
  }
}

const TRANSIENT: ReadonlySet<EntraErrorCode> = new Set(['throttled', 'unavailable', 'unreachable', 'timeout']);

/** Whether the same request may succeed later without anybody changing anything. */
export function isTransient(error: EntraError): boolean {
  return TRANSIENT.has(error.code);
}
