import { isRecord } from '../json.ts';
import { badRequest } from '../status-errors.ts';

/** Where a paged list goes on, and the revision all its pages show; 0 for "as it is now" after an expiry. */
export interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

export function encodeContinue(token: ContinueToken): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after });
  return Buffer.from(text).toString('base64url');
}

/** @throws ApiError 400 when the token was not made here */
export function decodeContinue(text: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isRecord(value) && typeof value.rv === 'number' && typeof value.start === 'string') {
      return { revision: value.rv, after: value.start };
    }
  } catch {
    // falls through to the one answer for every unreadable token
  }
  throw badRequest('continue key is not valid: the token can not be decoded');
}
