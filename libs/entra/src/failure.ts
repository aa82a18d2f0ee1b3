import { EntraError, type EntraErrorCode } from './errors.ts';

/** What a request brought back, whatever it was. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;
}

/** From the number after `AADSTS` to our code. */
const BY_AADSTS: ReadonlyMap<number, EntraErrorCode> = new Map([
  [7000215, 'badCredential'],
  [7000222, 'badCredential'],
  [7000216, 'badCredential'],
  [700027, 'badCredential'],
  [700023, 'badCredential'],
  [700024, 'badCredential'],
  [70021, 'badCredential'],
  [700211, 'badCredential'],
  [700212, 'badCredential'],
  [700213, 'badCredential'],
  [50012, 'badCredential'],
  [700016, 'unknownApp'],
  [700015, 'unknownApp'],
  [90002, 'unknownTenant'],
  [900021, 'unknownTenant'],
  [900023, 'unknownTenant'],
  [500011, 'badResource'],
  [50001, 'badResource'],
  [650057, 'badResource'],
  [70011, 'badResource'],
  [1002012, 'badResource'],
  // the issuer's OIDC document could not be fetched by Entra ID: a matter of time
  [90061, 'unavailable'],
  [501661, 'unavailable'],
  [90033, 'unavailable'],
  [50196, 'throttled'],
]);

const NAMED: Readonly<Record<EntraErrorCode, string>> = {
  badCredential: 'refused the credential',
  unknownApp: 'does not know the application in this tenant',
  unknownTenant: 'does not know the tenant',
  badResource: 'does not know the resource',
  refused: 'refused the request',
  throttled: 'throttles',
  unavailable: 'is not available',
  unreachable: 'cannot be reached',
  timeout: 'did not answer in time',
};

function aadstsOf({ body }: Answer): number | undefined {
  const codes: unknown = body.error_codes;
  const [first] = Array.isArray(codes) ? (codes as unknown[]) : [];
  if (typeof first === 'number') return first;
  const text = typeof body.error_description === 'string' ? body.error_description : '';
  const [, digits] = /^AADSTS(\d+)/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function codeOf(status: number, aadsts: number | undefined): EntraErrorCode {
  if (status === 429) return 'throttled';
  const named = aadsts === undefined ? undefined : BY_AADSTS.get(aadsts);
  if (named !== undefined) return named;
  return status >= 500 || status < 400 || status === 408 ? 'unavailable' : 'refused';
}

/** The error that an answer without a token stands for. Its text is ours: Entra's may quote what was sent. */
export function errorFromAnswer(answer: Answer): EntraError {
  const { status, retryAfterMs } = answer;
  const aadstsCode = aadstsOf(answer);
  const code = codeOf(status, aadstsCode);
  const named = aadstsCode === undefined ? '' : `, AADSTS${aadstsCode}`;
  return new EntraError(code, `Entra ID ${NAMED[code]} (status ${status}${named})`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(aadstsCode === undefined ? {} : { aadstsCode }),
  });
}
