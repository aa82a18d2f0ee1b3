import { fitted, redactId } from '@aad-pod-identity/runtime';
import { ArmError, type ArmErrorCode, type ThrottleScope } from './errors.ts';
import { namedIds } from './named-ids.ts';
import type { ArmRequest } from './requests.ts';

/** What is known of a failed call: an answer of ARM, or the end of a failed operation. */
export interface Failure {
  /** 0 for an operation that was accepted and then failed. */
  readonly status: number;
  readonly armCode: string | undefined;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
  readonly request: ArmRequest;
}

/** From ARM's code to ours. */
const BY_ARM_CODE: ReadonlyMap<string, ArmErrorCode> = new Map([
  ['linkedauthorizationfailed', 'badIdentities'],
  ['failedidentityoperation', 'badIdentities'],
  ['linkedinvalidpropertyid', 'badIdentities'],
  ['denyassignmentauthorizationfailed', 'denied'],
  ['scopelocked', 'denied'],
  ['authorizationfailed', 'unauthorized'],
  ['invalidauthenticationtoken', 'unauthorized'],
  ['expiredauthenticationtoken', 'unauthorized'],
  ['invalidauthenticationtokentenant', 'unauthorized'],
  ['resourcenotfound', 'notFound'],
  ['resourcegroupnotfound', 'notFound'],
  ['subscriptionnotfound', 'notFound'],
  ['notfound', 'notFound'],
  ['parentresourcenotfound', 'notFound'],
  ['resourcegroupbeingdeleted', 'deleting'],
  ['toomanyrequests', 'throttled'],
  ['subscriptionrequeststhrottled', 'throttled'],
  ['conflictingconcurrentwritenotallowed', 'conflict'],
  ['anotheroperationinprogress', 'conflict'],
]);

/** From the status, where the code says nothing. */
const BY_STATUS: ReadonlyMap<number, ArmErrorCode> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'notFound'],
  [408, 'timeout'],
  [409, 'conflict'],
  [412, 'conflict'],
  [429, 'throttled'],
]);

/** Codes that speak for the whole subscription; any other throttling is of the resource. */
const OF_SUBSCRIPTION = new Set(['subscriptionrequeststhrottled', 'resourcerequeststhrottled']);

/** What a 429 speaks of. */
export function scopeOf({ armCode }: Failure): ThrottleScope {
  return OF_SUBSCRIPTION.has(armCode?.toLowerCase() ?? '') ? 'subscription' : 'resource';
}

function codeOf({ status, armCode }: Failure): ArmErrorCode {
  if (status === 429) return 'throttled';
  const named = BY_ARM_CODE.get(armCode?.toLowerCase() ?? '');
  return named ?? BY_STATUS.get(status) ?? (status >= 500 ? 'unavailable' : 'failed');
}

/** ARM's sentences about one identity have some 700; the longest names 150 identities, the cause after all of them. */
const MAX_BYTES = 4096;

/** ARM's sentences name the application and the identity by their ids; a subscription's is part of a resource's name. */
function withoutClientIds(text: string): string {
  return text.replace(/(?<!\/subscriptions\/)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, redactId);
}

/** One line that people and programs may read. */
function readable(text: string): string {
  return fitted(withoutClientIds(text).replace(/\s+/g, ' ').trim(), MAX_BYTES);
}

/** The error that a failure stands for; `sent` are the ids that the call named. */
export function errorFromFailure(failure: Failure, sent: readonly string[]): ArmError {
  const { status, armCode, text, retryAfterMs, request } = failure;
  const code = codeOf(failure);
  const scope = scopeOf(failure);
  const detail = readable(text);
  return new ArmError(code, `${armCode ?? `status ${status}`}: ${detail}`, {
    ...(status === 0 ? {} : { status }),
    request,
    ...(armCode === undefined ? {} : { armCode, detail }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(code === 'badIdentities' ? { ids: namedIds(text, sent) } : {}),
    ...(code === 'throttled' ? { scope } : {}),
  });
}
