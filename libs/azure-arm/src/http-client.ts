import { httpsProxy } from '@aad-pod-identity/runtime';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

export interface HttpClientOptions {
  /** Only its proxy settings are read, and they are for everything sent here. */
  readonly env: NodeJS.ProcessEnv;
  /** Asked when the first byte of a write is about to be sent; nothing is sent where it says no. */
  readonly mayWrite: () => boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** One exchange of a dispatcher as a promise. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #settle: { resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  readonly #mayBeSent: () => boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: Buffer[] = [];
  #head: Omit<Answer, 'body'> | undefined;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(signal: AbortSignal | undefined, mayBeSent: () => boolean) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#settle = { resolve, reject };
    this.#signal = signal;
    this.#mayBeSent = mayBeSent;
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Also while there is no connection yet. */
  readonly #abort = (): void => {
    const reason = this.#signal?.reason as Error;
    this.#settle.reject(reason);
    this.#controller?.abort(reason);
  };

  /** A request may have waited long for its connection. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#signal?.throwIfAborted();
    if (!this.#mayBeSent()) throw new Error('not sent, for another instance may lead by now');
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.#head = { status, headers };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    const { status = 0, headers = {} } = this.#head ?? {};
    this.#settle.resolve({ status, headers, body: Buffer.concat(this.#chunks).toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#settle.reject(error);
  }
}

function createDispatcher(env: NodeJS.ProcessEnv): Dispatcher {
  const proxy = httpsProxy(env);
  // Whoever calls has deadlines of its own.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
  if (proxy === undefined) return new Agent(timeouts);
  // Every option is given, for the agent fills gaps from the process's own environment.
  return new EnvHttpProxyAgent({ ...timeouts, httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: proxy.noProxy });
}

function sendOptions({ url, method, headers, body }: PipelineRequest): Dispatcher.DispatchOptions {
  const { origin, pathname, search } = new URL(url);
  // Answers are small: nothing is gained by having them packed.
  const { 'accept-encoding': _packed, ...sent } = headers.toJSON();
  return { origin, path: pathname + search, method, headers: sent, body: typeof body === 'string' ? body : null };
}

/** The SDK's way to the network. @throws UsageError for a proxy that is none */
export function createHttpClient({ env, mayWrite }: HttpClientOptions): HttpClient {
  const dispatcher = createDispatcher(env);
  return {
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      const { createHttpHeaders } = await import('@azure/core-rest-pipeline');
      const signal = request.abortSignal as AbortSignal | undefined;
      signal?.throwIfAborted();
      const exchange = new Exchange(signal, () => request.method === 'GET' || mayWrite());
      dispatcher.dispatch(sendOptions(request), exchange);
      const { status, headers, body } = await exchange.answer;
      const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
      return { request, status, headers: createHttpHeaders(Object.fromEntries(entries)), bodyAsText: body };
    },
  };
}
