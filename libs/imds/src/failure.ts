import { ImdsError, type ImdsErrorCode } from './errors.ts';
import { parseObject } from './forms.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

interface Refusal {
  readonly error: string;
  readonly description: string;
}

/** One row per kind of 4xx, the first that fits wins. IMDS has no finer codes than these words. */
const REFUSALS: readonly (readonly [ImdsErrorCode, (refusal: Refusal) => boolean])[] = [
  ['invalidResource', ({ error }) => error === 'invalid_resource'],
  ['identityNotFound', ({ description }) => /identity not found|multiple user assigned identities/i.test(description)],
  ['invalidRequest', () => true],
];

/** 404 and 410 are what IMDS says while it updates itself, for up to 70 s. */
const TRANSIENT_STATUS: ReadonlySet<number> = new Set([404, 408, 410]);

function codeOf(status: number, refusal: Refusal): ImdsErrorCode {
  if (status === 429) return 'throttled';
  if (status >= 500 || TRANSIENT_STATUS.has(status)) return 'unavailable';
  if (status < 400) return 'badResponse';
  return REFUSALS.find(([, fits]) => fits(refusal))?.[0] ?? 'invalidRequest';
}

function readRefusal(body: string): Refusal {
  const fields = parseObject(body) ?? {};
  const word = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { error: word(fields.error), description: word(fields.error_description) };
}

/** The error that an answer without a token stands for. */
export function errorFromAnswer({ status, body, retryAfterMs }: Answer): ImdsError {
  const refusal = readRefusal(body);
  const code = codeOf(status, refusal);
  const said = refusal.error === '' ? '' : ` (${refusal.error})`;
  return new ImdsError(code, `IMDS answered ${status}${said}`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(refusal.error === '' ? {} : { error: refusal.error }),
    ...(refusal.description === '' ? {} : { description: refusal.description }),
  });
}
