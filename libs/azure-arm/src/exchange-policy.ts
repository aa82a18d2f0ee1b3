import { type Clock, deadlineSignal, parseRetryAfter } from '@aad-pod-identity/runtime';
import type { PipelinePolicy, PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { ArmError } from './errors.ts';
import type { Failure } from './failure.ts';
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
}

type Fields = Record<string, unknown>;

function parseFields(text: string | null | undefined): Fields {
  try {
    return Object(JSON.parse(text ?? '')) as Fields;
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** ARM nests the code under `error`; a few services send it bare. */
function readFailure(fields: Fields, response: PipelineResponse, status: number, nowMs: number): Failure {
  const error = Object(fields.error ?? fields) as Fields;
  return {
    status,
    armCode: textOf(error.code),
    text: textOf(error.message) ?? 'no reason given',
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), nowMs),
  };
}

const ENDED_BADLY = /^(failed|canceled|cancelled)$/i;

/** An error status, or the good news that an operation failed. */
function failureOf(response: PipelineResponse, nowMs: number): Failure | undefined {
  const { status, bodyAsText } = response;
  if (status >= 400) return readFailure(parseFields(bodyAsText), response, status, nowMs);
  if (bodyAsText?.includes('"status"') !== true) return undefined;
  const fields = parseFields(bodyAsText);
  return ENDED_BADLY.test(textOf(fields.status) ?? '') ? readFailure(fields, response, 0, nowMs) : undefined;
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

/**
 * Around every request of the SDK, polls included: the deadline, the bearer token (asked for each time, for the
 * source has the cache and the SDK's would outlive a refused token), and failures as they were said.
 */
export function exchangePolicy({ clock, tokenSource, audience, callMs }: ExchangeOptions): PipelinePolicy {
  async function exchange(request: PipelineRequest, next: SendRequest, signal: AbortSignal): Promise<PipelineResponse> {
    const parent = request.abortSignal as AbortSignal | undefined;
    const { token } = await tokenSource.getToken(audience, signal);
    request.headers.set('authorization', `Bearer ${token}`);
    request.abortSignal = signal;
    try {
      return await next(request);
    } catch (error) {
      const { response } = Object(error) as { response?: PipelineResponse };
      // One of the SDK's generations turns error answers into exceptions on the way here.
      if (response !== undefined) return response;
      throw withoutAnswer(error, { parent, deadline: signal }, callMs);
    }
  }

  return {
    name: 'aadPodIdentityExchange',
    async sendRequest(request, next) {
      const deadline = deadlineSignal(clock, callMs, request.abortSignal as AbortSignal | undefined);
      try {
        const response = await exchange(request, next, deadline.signal);
        const failure = failureOf(response, clock.now());
        if (failure !== undefined) throw new ExchangeFailure(failure);
        return response;
      } finally {
        deadline.done();
      }
    },
  };
}
