import type { ArmRequest } from './requests.ts';

/**
 * What can become of a call to ARM:
 * - `badIdentities`: the write names an identity that does not exist or may not be used; `ids` are those the error
 *   names, lower-cased, perhaps none. Nothing of the write was done;
 * - `notFound`: no such VM, scale set or identity; `unauthorized`: the token or its rights do not suffice;
 * - `denied`: a deny assignment forbids the write for good (a locked node resource group);
 * - `throttled`: `retryAfterMs` says how long; `scope` whether the resource or its subscription is meant;
 * - `conflict`: another write is in flight; `deleting`: the resource is going away;
 * - `timeout`: no answer, or no end of the operation, in time: its outcome is not known;
 * - `unreachable`: no connection; `unavailable`: 5xx; `failed`: any other failure.
 */
export type ArmErrorCode =
  | 'badIdentities'
  | 'notFound'
  | 'unauthorized'
  | 'denied'
  | 'throttled'
  | 'conflict'
  | 'deleting'
  | 'timeout'
  | 'unreachable'
  | 'unavailable'
  | 'failed';

export interface ArmErrorDetails {
  readonly status?: number;
  /** Milliseconds. */
  readonly retryAfterMs?: number;
  /** Lower-cased resource ids. */
  readonly ids?: readonly string[];
  /** ARM's own code, such as `LinkedAuthorizationFailed`. */
  readonly armCode?: string;
  /** The message without ARM's code, for those who name the code themselves. */
  readonly detail?: string;
  readonly scope?: ThrottleScope;
  /** What the request was for that failed: a write may fail at one of its polls. */
  readonly request?: ArmRequest;
  readonly cause?: unknown;
}

export type ThrottleScope = 'resource' | 'subscription';

/** Its message is one line: ARM's code and ARM's text, with its beginning and its end if that is very long. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly code: ArmErrorCode;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly ids?: readonly string[];
  readonly armCode?: string;
  readonly detail: string;
  readonly scope?: ThrottleScope;
  readonly request?: ArmRequest;

  constructor(code: ArmErrorCode, message: string, details: ArmErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.detail = details.detail ?? message;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.ids !== undefined) this.ids = details.ids;
    if (details.armCode !== undefined) this.armCode = details.armCode;
    if (details.scope !== undefined) this.scope = details.scope;
    if (details.request !== undefined) this.request = details.request;
  }
}
