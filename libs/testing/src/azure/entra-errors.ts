import type { Clock } from '@aad-pod-identity/runtime';
import { newGuid } from './ids.ts';
import type { Reply } from './service.ts';

interface EntraFailure {
  readonly status: number;
  readonly error: string;
  readonly text: string;
}

/** By the number after AADSTS. */
export const ENTRA_FAILURES = {
  7000215: { status: 401, error: 'invalid_client', text: 'Invalid client secret provided.' },
  7000222: { status: 401, error: 'invalid_client', text: 'The provided client secret keys are expired.' },
  7000216: { status: 401, error: 'invalid_client', text: "'client_assertion' or 'client_secret' is required." },
  700016: { status: 400, error: 'unauthorized_client', text: 'The application was not found in the directory.' },
  90002: { status: 400, error: 'invalid_request', text: 'The tenant was not found.' },
  700027: {
    status: 401,
    error: 'invalid_client',
    text: 'The certificate with identifier used to sign the client assertion is not registered, or its signature is wrong.',
  },
  700023: { status: 401, error: 'invalid_client', text: 'The client assertion audience is invalid.' },
  700024: { status: 401, error: 'invalid_client', text: 'The client assertion is not within its valid time range.' },
  70021: {
    status: 400,
    error: 'invalid_request',
    text: 'No matching federated identity record found for the presented assertion.',
  },
  70003: { status: 400, error: 'unsupported_grant_type', text: 'The grant type is not supported.' },
  70011: { status: 400, error: 'invalid_scope', text: 'The scope is not valid.' },
  500011: { status: 400, error: 'invalid_resource', text: 'The resource principal was not found in the tenant.' },
  50001: { status: 400, error: 'invalid_resource', text: 'The application named was not found.' },
} as const satisfies Readonly<Record<number, EntraFailure>>;

export type AadstsCode = keyof typeof ENTRA_FAILURES;

/** An error in the form of Entra ID. */
export function entraErrorBody(
  clock: Clock,
  error: string,
  description: string,
  codes: readonly number[] = [],
): object {
  return {
    error,
    error_description: `${description}\r\nTrace ID: ${newGuid()}\r\nCorrelation ID: ${newGuid()}`,
    error_codes: codes,
    timestamp: new Date(clock.now()).toISOString(),
    trace_id: newGuid(),
    correlation_id: newGuid(),
    error_uri: 'https://login.microsoftonline.com/error',
  };
}

export function entraFailure(clock: Clock, code: AadstsCode): Reply {
  const { status, error, text } = ENTRA_FAILURES[code];
  return { status, body: entraErrorBody(clock, error, `AADSTS${code}: ${text}`, [code]), note: `AADSTS${code}` };
}
