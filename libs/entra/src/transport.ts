import { type Clock, parseRetryAfter } from '@aad-pod-identity/runtime';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Dispatcher } from 'undici';
import type { Answer } from './failure.ts';

export interface TransportOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly userAgent: string | undefined;
  readonly signal: AbortSignal;
}

/** MSAL's way to the network for one token request, which also keeps what came back. */
export interface Transport extends INetworkModule {
  /** Whether MSAL sent anything at all. */
  readonly used: boolean;
  readonly answer: Answer | undefined;
}

/** A token with all its claims is a few kilobytes; nothing larger is one. */
const MAX_BODY_BYTES = 256 * 1024;

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A proxy or a balancer may answer in HTML: that is an answer without anything in it. */
function parseBody(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A network client for one request: everything MSAL sends goes through our agent and ends with our signal. */
export function createTransport({ dispatcher, clock, userAgent, signal }: TransportOptions): Transport {
  let answer: Answer | undefined;
  let used = false;

  async function send<T>(
    method: 'GET' | 'POST',
    url: string,
    options: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<T>> {
    used = true;
    const { origin, pathname, search } = new URL(url);
    const response = await dispatcher.request({
      origin,
      path: pathname + search,
      method,
      headers: { ...options.headers, ...(userAgent === undefined ? {} : { 'user-agent': userAgent }) },
      body: options.body ?? null,
      signal,
    });
    const status = response.statusCode;
    const body = parseBody(await readText(response.body as AsyncIterable<Buffer>));
    answer = { status, body, retryAfterMs: parseRetryAfter(response.headers['retry-after'], clock.now()) };
    // Headers stay here: MSAL keeps a throttle memory by them, and scheduling is our caller's.
    return { status, headers: {}, body: body as T };
  }

  return {
    get answer() {
      return answer;
    },
    get used() {
      return used;
    },
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}
