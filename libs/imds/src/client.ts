import { abortReason, type Clock, deadlineSignal, parseRetryAfter } from '@aad-pod-identity/runtime';
import { Agent } from 'undici';
import { ImdsError } from './errors.ts';
import { type Answer, errorFromAnswer } from './failure.ts';
import { parseTokenBody, tokenRequestPath } from './forms.ts';
import type { ImdsClient, ImdsToken, ImdsTokenRequest } from './types.ts';

export interface ImdsClientOptions {
  /** Such as `http://169.254.169.254`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly userAgent?: string;
  /** For one request with its answer; default 30 s. */
  readonly timeoutMs?: number;
}

/** IMDS serves five identity requests of a machine at a time; more wait here instead of being refused there. */
const CONNECTIONS = 5;
/** A token with all its claims is a few kilobytes; nothing larger is one. */
const MAX_BODY_BYTES = 256 * 1024;

function headersOf(userAgent: string | undefined): Record<string, string> {
  return { Metadata: 'true', ...(userAgent === undefined ? {} : { 'user-agent': userAgent }) };
}

async function readBody(body: AsyncIterable<Buffer>, status: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ImdsError('badResponse', 'the answer of IMDS is too large', { status });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function transportError(error: unknown, deadline: AbortSignal, timeoutMs: number): Error {
  if (error instanceof ImdsError) return error;
  if (deadline.aborted) return new ImdsError('timeout', `IMDS gave no answer within ${timeoutMs} ms`, { cause: error });
  return new ImdsError('unreachable', 'IMDS cannot be reached', { cause: error });
}

/** A client of the metadata service. It never goes through a proxy: the address is link-local. */
export function createImdsClient(options: ImdsClientOptions): ImdsClient {
  const { clock, timeoutMs = 30_000 } = options;
  const agent = new Agent({ connections: CONNECTIONS });
  const headers = headersOf(options.userAgent);

  async function exchange(path: string, signal: AbortSignal): Promise<Answer> {
    const answer = await agent.request({ origin: options.baseUrl, path, method: 'GET', headers, signal });
    const body = await readBody(answer.body as AsyncIterable<Buffer>, answer.statusCode);
    const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], clock.now());
    return { status: answer.statusCode, body, retryAfterMs };
  }

  async function token(request: ImdsTokenRequest, signal?: AbortSignal): Promise<ImdsToken> {
    if (signal?.aborted) throw abortReason(signal);
    const deadline = deadlineSignal(clock, timeoutMs, signal);
    try {
      const answer = await exchange(tokenRequestPath(request), deadline.signal);
      if (answer.status !== 200) throw errorFromAnswer(answer);
      const parsed = parseTokenBody(answer.body, request, clock.now());
      if (parsed === undefined)
        throw new ImdsError('badResponse', 'IMDS answered 200 without a token', { status: 200 });
      return parsed;
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      throw transportError(error, deadline.signal, timeoutMs);
    } finally {
      deadline.done();
    }
  }

  return { token, close: () => agent.destroy() };
}
