import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, deadlineSignal, parseRetryAfter } from '@aad-pod-identity/runtime';
import type { PipelinePolicy, PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { ArmBudget } from './budget.ts';
import { ArmError } from './errors.ts';
import { type Failure, scopeOf } from './failure.ts';
import { remainingIn } from './remaining.ts';
import { type ArmRequest, requestOf, subscriptionOf } from './requests.ts';
import type { TokenSource } from './types.ts';

/** How a failed exchange leaves the SDK: with everything that was said, before the SDK reduces it to a text. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly tokenSource: TokenSource;
  readonly audience: string;
  /** Deadline of one request with its answer. */
  readonly callMs: number;
  /** Reads wait here for their turn; a write has had it when it comes here. */
  readonly budget: ArmBudget;
}

/** `Retry-After` of the last answer within, in milliseconds: the SDK keeps it to itself. */
export const heard = new AsyncLocalStorage<{ retryAfterMs: number | undefined }>();

type Fields = Record<string, unknown>;

function parseFields(text: string | null | undefined): Fields {
  try {
    return Object(JSON.parse(text ?? '')) as Fields;
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

interface Answer {
  readonly response: PipelineResponse;
  readonly request: ArmRequest;
  readonly nowMs: number;
}

/** ARM nests the code under `error`; a few services send it bare. */
function readFailure(fields: Fields, { response, request, nowMs }: Answer, status: number): Failure {
  const error = Object(fields.error ?? fields) as Fields;
  return {
    status,
    armCode: textOf(error.code),
    text: textOf(error.message) ?? 'no reason given',
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), nowMs),
    request,
  };
}

const ENDED_BADLY = /^(failed|canceled|cancelled)$/i;

/** An error status, or the good news that an operation failed. */
function failureOf(answer: Answer): Failure | undefined {
  const { status, bodyAsText } = answer.response;
  if (status >= 400) return readFailure(parseFields(bodyAsText), answer, status);
  if (bodyAsText?.includes('"status"') !== true) return undefined;
  const fields = parseFields(bodyAsText);
  return ENDED_BADLY.test(textOf(fields.status) ?? '') ? readFailure(fields, answer, 0) : undefined;
}

/** What to throw when there was no answer: the caller's abort wins over the deadline, both over the network. */
function withoutAnswer(
  error: unknown,
  request: { parent: AbortSignal | undefined; deadline: AbortSignal },
  callMs: number,
) {
  if (request.parent?.aborted) return error;
  const options = { cause: error };
  if (request.deadline.aborted) return new ArmError('timeout', `ARM gave no answer within ${callMs} ms`, options);
  return new ArmError('unreachable', 'ARM cannot be reached', options);
}

/** Sends one request, with a token and within its deadline. */
async function exchange(
  { clock, tokenSource, audience, callMs }: ExchangeOptions,
  request: PipelineRequest,
  next: SendRequest,
): Promise<PipelineResponse> {
  const parent = request.abortSignal as AbortSignal | undefined;
  const { signal, done } = deadlineSignal(clock, callMs, parent);
  try {
    const { token } = await tokenSource.getToken(audience, signal);
    request.headers.set('authorization', `Bearer ${token}`);
    request.abortSignal = signal;
    const toFailure = (error: unknown) => withoutAnswer(error, { parent, deadline: signal }, callMs);
    const response = await answered(next(request), toFailure);
    if (response.status === 401) tokenSource.refused?.(audience, token);
    return response;
  } finally {
    done();
  }
}

/** One of the SDK's generations turns error answers into exceptions on the way here. */
async function answered(
  answer: Promise<PipelineResponse>,
  failureOf: (error: unknown) => unknown,
): Promise<PipelineResponse> {
  try {
    return await answer;
  } catch (error) {
    const { response } = Object(error) as { response?: PipelineResponse };
    if (response !== undefined) return response;
    throw failureOf(error);
  }
}

/** A 429 that says no more than that. */
const DEFAULT_THROTTLE_MS = 30_000;

/**
 * Which reads wait after a 429: of a subscription all of them, the polls of writes that go on as well; of a look-up the
 * look-ups. Whoever has sent the request sees to the rest.
 */
function heed(budget: ArmBudget, failure: Failure, subscriptionId: string): void {
  const { status, request, retryAfterMs = DEFAULT_THROTTLE_MS } = failure;
  if (status !== 429 || request === 'write') return;
  if (scopeOf(failure) === 'subscription') budget.close(subscriptionId, 'read', retryAfterMs);
  else if (request === 'lookup') budget.close(subscriptionId, 'lookup', retryAfterMs);
}

/** Takes note of what an answer says beside its body. @throws ExchangeFailure if it tells of one */
function hear(budget: ArmBudget, answer: Answer, subscriptionId: string | undefined): void {
  const { response, request, nowMs } = answer;
  const remaining = remainingIn((header) => response.headers.get(header), request);
  if (remaining !== undefined && subscriptionId !== undefined) budget.learn(subscriptionId, request, remaining);
  const listener = heard.getStore();
  if (listener !== undefined) listener.retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), nowMs);
  const failure = failureOf(answer);
  if (failure === undefined) return;
  if (subscriptionId !== undefined) heed(budget, failure, subscriptionId);
  throw new ExchangeFailure(failure);
}

/**
 * Around every request of the SDK, polls included: its turn, the deadline, the bearer token (asked for each time, for
 * the source has the cache and the SDK's would outlive a refused token), and failures as they were said.
 */
export function exchangePolicy(options: ExchangeOptions): PipelinePolicy {
  const { clock, budget } = options;
  return {
    name: 'aadPodIdentityExchange',
    async sendRequest(request, next) {
      const { pathname } = new URL(request.url);
      const [kind, subscriptionId] = [requestOf(request.method, pathname), subscriptionOf(pathname)];
      if (kind !== 'write' && subscriptionId !== undefined) {
        await budget.take(subscriptionId, kind, request.abortSignal as AbortSignal | undefined);
      }
      const response = await exchange(options, request, next);
      hear(budget, { response, request: kind, nowMs: clock.now() }, subscriptionId);
      return response;
    },
  };
}
