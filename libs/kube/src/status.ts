import { KubeError, type KubeErrorCode } from './errors.ts';

/** What an HTTP status means here; 409 is split by the Status object's reason. */
const CODES: Readonly<Record<number, KubeErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'invalid',
  406: 'invalid',
  408: 'serverError',
  409: 'conflict',
  410: 'gone',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'tooManyRequests',
};

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  if (status >= 500) return 'serverError';
  if (status === 409 && reason === 'AlreadyExists') return 'alreadyExists';
  return CODES[status] ?? 'badResponse';
}

interface StatusObject {
  code?: unknown;
  reason?: unknown;
  message?: unknown;
  details?: unknown;
}

function textOr(value: unknown, otherwise: string | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function retryAfterOf(status: StatusObject): number | undefined {
  const details = status.details as { retryAfterSeconds?: unknown } | null | undefined;
  const seconds = details?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

/** The error for a Status object, wherever it came from: an answer's body or an ERROR event of a watch. */
export function errorFromStatus(
  input: unknown,
  what: string,
  http?: { status: number; retryAfterMs?: number | undefined },
) {
  const status = (typeof input === 'object' && input !== null ? input : {}) as StatusObject;
  const code = http?.status ?? (typeof status.code === 'number' ? status.code : 0);
  const reason = textOr(status.reason, undefined);
  const message = textOr(status.message, `the server answered ${code}`) as string;
  return new KubeError(codeOf(code, reason), `${what}: ${message}`, {
    status: code,
    retryAfterMs: http?.retryAfterMs ?? retryAfterOf(status),
    reason,
  });
}

/** The error for an answer that is not 2xx. A body that is not a Status (a proxy's page) is left out of the message. */
export function errorFromAnswer(
  what: string,
  status: number,
  retryAfterMs: number | undefined,
  body: string,
): KubeError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  return errorFromStatus(parsed, what, { status, retryAfterMs });
}
