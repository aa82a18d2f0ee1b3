import { EntraError, type EntraErrorCode } from '@aad-pod-identity/entra';
import { ImdsError, type ImdsErrorCode } from '@aad-pod-identity/imds';
import { KubeError } from '@aad-pod-identity/kube';
import { redactId } from '@aad-pod-identity/runtime';
import { errorReply } from './error-reply.ts';
import { answerOf, asNmiError, NmiError, type NmiErrorCode } from './errors.ts';

const ID = 'e0741111-2222-4333-8444-555566660f68';

describe('the table from error to answer', () => {
  it.each<[code: NmiErrorCode, status: number, error: string, retryAfterSeconds: number | undefined]>([
    ['headerRequired', 400, 'invalid_request', undefined],
    ['forwarded', 400, 'invalid_request', undefined],
    ['hostNotAllowed', 400, 'invalid_request', undefined],
    ['resourceEmpty', 400, 'invalid_request', undefined],
    ['badParameters', 400, 'invalid_request', undefined],
    ['identityNotFound', 400, 'invalid_request', undefined],
    ['lookAlike', 400, 'invalid_request', undefined],
    ['hostHeadersMissing', 400, 'invalid_request', undefined],
    ['identityPath', 403, 'access_denied', undefined],
    ['instanceBlocked', 403, 'access_denied', undefined],
    ['notAllowed', 403, 'access_denied', undefined],
    ['hostCallerForbidden', 403, 'access_denied', undefined],
    ['identityMisconfigured', 403, 'access_denied', undefined],
    ['tokenRefused', 403, 'access_denied', undefined],
    ['noPlatformMetadata', 404, 'not_found', undefined],
    ['identityPending', 404, 'not_found', undefined],
    ['notGet', 405, 'method_not_allowed', undefined],
    ['throttled', 429, 'too_many_requests', 5],
    ['clientGone', 499, 'client_closed_request', undefined],
    ['internal', 500, 'server_error', undefined],
    ['callerUnknown', 503, 'temporarily_unavailable', 2],
    ['callerAmbiguous', 503, 'temporarily_unavailable', 5],
    ['hostPodUnknown', 503, 'temporarily_unavailable', 2],
    ['identityPendingRetry', 503, 'temporarily_unavailable', 20],
    ['upstreamUnavailable', 503, 'temporarily_unavailable', 5],
    ['kubernetesUnavailable', 503, 'temporarily_unavailable', 5],
    ['settingsUnknown', 503, 'temporarily_unavailable', 2],
  ])('%s: %d %s', (code, status, error, retryAfterSeconds) => {
    const answer = answerOf(new NmiError(code));
    expect([answer.status, answer.error, answer.retryAfterSeconds]).toEqual([status, error, retryAfterSeconds]);
    expect(answer.status === 403 && /unreachable/i.test(answer.description)).toBe(false);
  });

  it('renders JSON with the headers that clients act on', () => {
    expect(errorReply(new NmiError('throttled', 'slow down', { retryAfterMs: 1_200 }))).toEqual({
      status: 429,
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'Retry-After': '2' },
      body: '{"error":"too_many_requests","error_description":"slow down"}',
    });
    expect(errorReply(new NmiError('notGet')).headers).toMatchObject({ Allow: 'GET' });
  });
});

describe('asNmiError', () => {
  it.each<[code: ImdsErrorCode, status: number]>([
    ['identityNotFound', 403],
    ['invalidRequest', 403],
    ['invalidResource', 403],
    ['throttled', 429],
    ['unavailable', 503],
    ['unreachable', 503],
    ['timeout', 503],
    ['badResponse', 503],
  ])('IMDS %s: %d', (code, status) => {
    expect(answerOf(asNmiError(new ImdsError(code, 'IMDS said so'))).status).toBe(status);
  });

  it.each<[code: EntraErrorCode, status: number]>([
    ['badCredential', 403],
    ['unknownApp', 403],
    ['unknownTenant', 403],
    ['badResource', 403],
    ['refused', 403],
    ['throttled', 429],
    ['unavailable', 503],
    ['unreachable', 503],
    ['timeout', 503],
  ])('Entra ID %s: %d', (code, status) => {
    expect(answerOf(asNmiError(new EntraError(code, 'Entra ID said so'))).status).toBe(status);
  });

  it.each<[sentence: string, error: unknown, code: NmiErrorCode, description: string]>([
    [
      'tells why IMDS refused',
      new ImdsError('invalidResource', 'IMDS answered 400', { description: 'AADSTS500011: no such resource' }),
      'tokenRefused',
      'IMDS answered 400: AADSTS500011: no such resource',
    ],
    [
      'hides the client id that IMDS quotes, and leaves what Azure’s support asks for',
      new ImdsError('invalidRequest', 'IMDS answered 400', {
        description: `AADSTS700016: Application with identifier '${ID}' was not found. Trace ID: ${ID} Correlation ID: ${ID}`,
      }),
      'tokenRefused',
      `IMDS answered 400: AADSTS700016: Application with identifier '${redactId(ID)}' was not found. Trace ID: ${ID} Correlation ID: ${ID}`,
    ],
    [
      'keeps the word that clients misread out of a refusal',
      new EntraError('badCredential', 'the document is Unreachable'),
      'tokenRefused',
      'the document is not reached',
    ],
    [
      'tells nothing of a failed call to Kubernetes',
      new KubeError('serverError', 'etcd said: secret detail'),
      'kubernetesUnavailable',
      'The Kubernetes API gives no answer',
    ],
    ['tells nothing of a bug', new TypeError('x is undefined'), 'internal', 'Internal error'],
    ['tells nothing of what is no error', 'oops', 'internal', 'Internal error'],
  ])('%s', (_, error, code, description) => {
    const found = asNmiError(error);
    expect([found.code, answerOf(found).description, found.cause]).toEqual([code, description, error]);
  });

  it('keeps the word that clients misread out of every 403, also where people named something so', () => {
    const error = new NmiError('identityMisconfigured', 'Secret team/unreachable does not exist');
    expect(answerOf(error).description).toBe('Secret team/not reached does not exist');
  });
});
