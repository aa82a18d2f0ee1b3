import { JSON_CONTENT_TYPE, renderErrorBody } from '@aad-pod-identity/imds';
import { answerOf, type NmiError } from './errors.ts';
import type { Reply } from './exchange.ts';

/** An error as the caller gets it: always JSON, because clients parse every body. */
export function errorReply(error: NmiError): Reply {
  const { status, error: word, description, retryAfterSeconds, allow } = answerOf(error);
  return {
    status,
    headers: {
      'Content-Type': JSON_CONTENT_TYPE,
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(allow === undefined ? {} : { Allow: allow }),
    },
    body: renderErrorBody(word, description),
  };
}
