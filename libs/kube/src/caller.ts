import type { Dispatcher } from 'undici';
import { type Clock, deadlineSignal, parseRetryAfter } from '@aad-pod-identity/runtime';
import { parseJson, readBytes } from './body.ts';
import type { CallOptions, WatchStream } from './client.ts';
import type { RateLimiter } from './rate-limit.ts';
import { retrying } from './retry.ts';
import { errorFromAnswer } from './status.ts';
import { type HttpCall, nameOf, type Transport, transportError } from './transport.ts';

export const DEFAULT_TIMEOUT_MS = 30_000;
const READ_RETRIES = 2;

export interface CallerOptions {
  transport: Transport;
  limiter: RateLimiter;
  clock: Clock;
}

interface Request extends Omit<HttpCall, 'signal'> {
  /** Makes text of the answer's bytes; default all of it. */
  cut?: ((bytes: Buffer) => string) | undefined;
}

type Answer = Dispatcher.ResponseData;

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Calls with a deadline, in turn, and read to the end; the layer between the typed methods and the wire. */
export function createCaller({ transport, limiter, clock }: CallerOptions) {
  async function failure(call: Request, answer: Answer): Promise<Error> {
    const retryAfterMs = parseRetryAfter(header(answer, 'retry-after'), clock.now());
    const body = await readBytes(answer.body, nameOf(call));
    return errorFromAnswer(nameOf(call), answer.statusCode, retryAfterMs, body.toString('utf8'));
  }

  async function exchange(call: Request, signal: AbortSignal): Promise<unknown> {
    const what = nameOf(call);
    try {
      const answer = await transport.send({ ...call, signal });
      if (answer.statusCode >= 300) throw await failure(call, answer);
      const bytes = await readBytes(answer.body, what);
      return parseJson(call.cut === undefined ? bytes.toString('utf8') : call.cut(bytes), what);
    } catch (error) {
      throw transportError(error, signal, what);
    }
  }

  async function inTurn(options: CallOptions): Promise<void> {
    if (options.priority !== 'lease') await limiter.acquire(options.signal);
  }

  async function call(request: Request, options: CallOptions = {}): Promise<unknown> {
    await inTurn(options);
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const retries = request.method === 'GET' ? (options.retries ?? READ_RETRIES) : 0;
    const deadline = deadlineSignal(clock, timeoutMs, options.signal);
    const { signal } = deadline;
    try {
      const policy = { clock, retries, deadline: clock.monotonic() + timeoutMs, signal };
      return await retrying(() => exchange({ ...request, guard: options.guard }, signal), policy);
    } catch (error) {
      throw transportError(error, signal, nameOf(request));
    } finally {
      deadline.done();
    }
  }

  async function* chunks(answer: Answer, signal: AbortSignal, what: string): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw transportError(error, signal, what);
    }
  }

  /** Opens a stream. The deadline ends with the headers; after that only the caller's signal ends it. */
  async function open(path: string, options: CallOptions = {}): Promise<WatchStream> {
    const request: Request = { method: 'GET', path };
    const headers = deadlineSignal(clock, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, headers.signal]) : headers.signal;
    try {
      const answer = await transport.send({ ...request, signal });
      if (answer.statusCode >= 300) throw await failure(request, answer);
      return chunks(answer, signal, nameOf(request));
    } catch (error) {
      throw transportError(error, signal, nameOf(request));
    } finally {
      headers.done();
    }
  }

  return { call, open };
}
