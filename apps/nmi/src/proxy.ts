import { Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { Transform } from 'node:stream';
import { abortReason, type Clock, deadlineSignal } from '@aad-pod-identity/runtime';
import { NmiError } from './errors.ts';
import type { Handler } from './exchange.ts';
import type { Route } from './route.ts';
import { requireMetadataHeaders } from './token-request.ts';

export interface ProxyOptions {
  /** Of the real metadata service, such as `http://169.254.169.254`. */
  readonly baseUrl: string;
  readonly metadataHeaderRequired: boolean;
  readonly clock: Clock;
}

/** For the whole answer. The service is on the machine itself; what takes longer will not come. */
const TIMEOUT_MS = 10_000;
/** The largest document, an attested one or a scale set's network, is far below this. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The service serves five requests a second; more connections would only queue there. */
const CONNECTIONS = 8;

/** Headers that concern one connection only, and those whose value NMI makes itself. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'host'],
]);

/** What may be passed on of `headers`: nothing that a `Connection` header names, and nothing that tells of a proxy. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept = Object.entries(headers).filter(
    ([name]) => !NOT_PASSED_ON.has(name) && !named.has(name) && !/^(?:x-)?forwarded/.test(name),
  );
  return Object.fromEntries(kept);
}

/** What clients of the metadata service send; a header that it might act on beyond these is not for pods to set. */
const ASKED_WITH = /^(?:metadata|user-agent|accept(?:-charset|-encoding|-language)?|x-ms-[a-z-]+)$/;

/** Of a pod's headers those that the metadata service gets. */
export function requestHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(endToEnd(headers)).filter(([name]) => ASKED_WITH.test(name)));
}

function limited(maxBytes: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size > maxBytes) done(new NmiError('upstreamUnavailable', 'The answer of the metadata service is too large'));
      else done(null, chunk);
    },
  });
}

/** Passes allowed requests on to the real metadata service: the canonical path, the caller's query, no body. */
export function createProxy(
  options: ProxyOptions,
): Handler<Extract<Route, { name: 'metadata' }>> & { close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  const ask = (path: string, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      request(new URL(options.baseUrl), { path, method: 'GET', headers, agent, signal })
        .on('response', resolve)
        .on('error', (cause) => {
          reject(new NmiError('upstreamUnavailable', 'The metadata service gives no answer', { cause }));
        })
        .end();
    });

  const handler: Handler<Extract<Route, { name: 'metadata' }>> = async (exchange, { path }) => {
    requireMetadataHeaders(exchange.headers, options.metadataHeaderRequired);
    const deadline = deadlineSignal(options.clock, TIMEOUT_MS, exchange.signal);
    try {
      const target = exchange.query === '' ? path : `${path}?${exchange.query}`;
      const headers = requestHeaders(exchange.headers);
      const answer = await ask(target, headers, deadline.signal);
      const body = answer.on('close', deadline.done).pipe(limited(MAX_BODY_BYTES));
      answer.on('error', (error) => body.destroy(error));
      return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body };
    } catch (error) {
      deadline.done();
      throw exchange.signal.aborted ? abortReason(exchange.signal) : error;
    }
  };
  return Object.assign(handler, {
    close: () => {
      agent.destroy();
    },
  });
}
