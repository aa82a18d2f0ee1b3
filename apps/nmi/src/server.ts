import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { JSON_CONTENT_TYPE, renderErrorBody } from '@aad-pod-identity/imds';
import { type Clock, endOfTurn } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { errorReply } from './error-reply.ts';
import { asNmiError, NmiError } from './errors.ts';
import type { Exchange, Handler, Handlers, Reply } from './exchange.ts';
import { normalAddress } from './pod.ts';
import type { Finished } from './request-metrics.ts';
import { type Route, routeOf, type RouteRules } from './route.ts';

export interface ServerOptions {
  readonly rules: RouteRules;
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: (finished: Finished) => void;
}

const LIMITS = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 65_000 };

/** A path in a log line is no longer than this. */
const MAX_LOGGED_PATH = 256;

/** The target without its query, and the query. */
function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** A request that brings a body is answered without it, and its connection ends: nobody asks for one here. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

async function send(response: ServerResponse, { status, headers, body }: Reply): Promise<void> {
  if (hasBody(response.req)) response.shouldKeepAlive = false;
  if (typeof body === 'string') {
    // Answers of one turn go out together: each write wakes its client, and many at once cost far less.
    endOfTurn(() => {
      response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
    });
    return;
  }
  response.writeHead(status, headers);
  await pipeline(body, response);
}

/** Made once: every connection ends with it. */
const CLIENT_GONE = new NmiError('clientGone');

/** One for each connection: aborts when the client leaves. Requests of one connection come and go with it. */
function clientSignals(): (socket: Socket) => AbortSignal {
  const signals = new WeakMap<Socket, AbortSignal>();
  return (socket) => {
    const known = signals.get(socket);
    if (known !== undefined) return known;
    const controller = new AbortController();
    socket.once('close', () => {
      controller.abort(CLIENT_GONE);
    });
    signals.set(socket, controller.signal);
    return controller.signal;
  };
}

function logError(error: NmiError, { log }: Exchange): void {
  const fields = { code: error.code, ...(error.cause === undefined ? {} : { err: error.cause }) };
  if (error.code === 'internal') log.error(error.message, fields);
  else log.warn(error.message, fields);
}

async function replyTo(exchange: Exchange, route: Route, handlers: Handlers): Promise<Reply> {
  try {
    return await (handlers[route.name] as Handler)(exchange, route);
  } catch (thrown) {
    const error = asNmiError(thrown);
    logError(error, exchange);
    return errorReply(error);
  }
}

/** Bytes that are no HTTP are answered as such, in the form of all errors, and the connection ends. */
function onClientError(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): void }): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = renderErrorBody('invalid_request', STATUS_CODES[status] ?? 'Bad Request');
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, `Content-Type: ${JSON_CONTENT_TYPE}`];
  socket.end([...head, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n'));
}

/** The listener that pods reach instead of the metadata service. It routes, answers, measures and logs; no more. */
export function createNmiServer({ rules, handlers, clock, logger, observe }: ServerOptions): Server {
  const signalOf = clientSignals();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = clock.monotonic();
    const [path, query] = splitTarget(request.url ?? '');
    const { method = '', headers, socket } = request;
    const remote = normalAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const log = logger.child({
      'req.method': method,
      'req.path': path.slice(0, MAX_LOGGED_PATH),
      'req.remote': remote,
    });
    const route = routeOf(method, path, rules);
    const signal = signalOf(socket);
    const exchange: Exchange = { headers, query, remoteAddress: socket.remoteAddress, signal, log, seen: {} };
    const reply = await replyTo(exchange, route, handlers);
    await send(response, reply).catch((error: unknown) => {
      log.warn('the answer could not be sent whole', { err: error });
      response.destroy();
    });
    const elapsedMs = clock.monotonic() - startedAt;
    observe({ route: route.name, status: reply.status, seconds: elapsedMs / 1000, ...exchange.seen });
    const line = `Status (${reply.status}) took ${Math.round(elapsedMs * 1e6)} ns`;
    if (route.name === 'probe') log.debug(line);
    else log.info(line);
  };
  return createServer(LIMITS, (request, response) => {
    request.resume();
    void serve(request, response);
  }).on('clientError', onClientError);
}
