import type { ImdsToken, ImdsTokenRequest } from './types.ts';

export const TOKEN_PATH = '/metadata/identity/oauth2/token';
export const DEFAULT_API_VERSION = '2018-02-01';
export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/** The last answer made of a token, and the second for which it was made: thousands of requests get the same. */
const rendered = new WeakMap<ImdsToken, { readonly second: number; readonly body: string }>();

/** A string in one piece: one that was put together is copied anew at each use. */
const inOnePiece = (text: string): string => Buffer.from(text).toString();

/**
 * The body of a token answer. Every known client can read it only because the keys stand in this order (one takes the
 * last of `expires_in` and `expires_on`) and every value is a string, none of them empty but `refresh_token`.
 */
export function renderTokenBody(token: ImdsToken, nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  const before = rendered.get(token);
  if (before?.second === second) return before.body;
  const body = inOnePiece(tokenBody(token, Math.max(0, token.expiresOn - second)));
  rendered.set(token, { second, body });
  return body;
}

function tokenBody(token: ImdsToken, expiresIn: number): string {
  return JSON.stringify({
    access_token: token.accessToken,
    client_id: token.clientId,
    expires_in: String(expiresIn),
    expires_on: String(token.expiresOn),
    ext_expires_in: String(token.extExpiresIn ?? expiresIn),
    not_before: String(token.notBefore),
    refresh_token: '',
    resource: token.resource,
    token_type: token.tokenType,
  });
}

/** The body of any answer that is not a token. */
export function renderErrorBody(error: string, description: string): string {
  return JSON.stringify({ error, error_description: description });
}

/** Path and query of a token request, the resource exactly as given. */
export function tokenRequestPath(request: ImdsTokenRequest): string {
  const query = new URLSearchParams({
    'api-version': request.apiVersion ?? DEFAULT_API_VERSION,
    resource: request.resource,
  });
  if (request.clientId !== undefined) query.set('client_id', request.clientId);
  if (request.objectId !== undefined) query.set('object_id', request.objectId);
  if (request.msiResId !== undefined) query.set('msi_res_id', request.msiResId);
  return `${TOKEN_PATH}?${query.toString()}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number, in digits or as a number; some emulations send either. */
function seconds(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
}

/** Reads a JSON object; undefined for anything else. */
export function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the body of a token answer; undefined if it holds no token or no end of its life. */
export function parseTokenBody(body: string, request: ImdsTokenRequest, nowMs: number): ImdsToken | undefined {
  const fields = parseObject(body) ?? {};
  const accessToken = text(fields.access_token);
  const nowSeconds = Math.floor(nowMs / 1000);
  const expiresIn = seconds(fields.expires_in);
  const expiresOn = seconds(fields.expires_on) ?? (expiresIn === undefined ? undefined : nowSeconds + expiresIn);
  if (accessToken === undefined || expiresOn === undefined) return undefined;
  const extExpiresIn = seconds(fields.ext_expires_in);
  return {
    accessToken,
    clientId: text(fields.client_id) ?? request.clientId ?? '',
    expiresOn,
    ...(extExpiresIn === undefined ? {} : { extExpiresIn }),
    notBefore: seconds(fields.not_before) ?? nowSeconds,
    resource: text(fields.resource) ?? request.resource,
    tokenType: text(fields.token_type) ?? 'Bearer',
  };
}
