import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { errorReply } from './error-reply.ts';
import { asNmiError, type NmiError } from './errors.ts';
import type { Exchange, Handler, Handlers, Reply } from './exchange.ts';
import { normalAddress } from './pod.ts';
import type { Finished } from './request-metrics.ts';
import { type Route, routeOf, type RouteRules } from './route.ts';
import { onClientError } from './serving/client-error.ts';
import { clientSignals } from './serving/client-signals.ts';
import { CONNECTION_LIMITS, limitConnections } from './serving/connections.ts';
import { limitPipelining, MAX_PIPELINED } from './serving/pipelining.ts';
import { send } from './serving/send.ts';
import { refusedWithoutHost, refuseExpectations } from './serving/unheard.ts';

export interface ServerOptions {
  readonly rules: RouteRules;
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: (finished: Finished) => void;
  /** Counts a request of an address. @throws NmiError once that has used up its share */
  readonly admit: (address: string) => void;
  /** Hears of each connection that was refused or cut because one pod, or all, have too many of them or on them. */
  readonly onConnectionRefused: () => void;
  readonly limits?: typeof HTTP_LIMITS;
}

/** Of HTTP itself; times in milliseconds. A request that dribbles in is looked at every two seconds. */
export const HTTP_LIMITS = {
  ...{ maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 65_000 },
  connectionsCheckingInterval: 2_000,
};

export interface NmiServer {
  readonly server: Server;
  /** From now on the next answer on each connection is its last. */
  readonly closeAfterAnswers: () => void;
}

/** A path in a log line is no longer than this. */
const MAX_LOGGED_PATH = 256;

/** The target without its query, and the query. */
function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function logError(error: NmiError, { log }: Exchange): void {
  const fields = { code: error.code, ...(error.cause === undefined ? {} : { err: error.cause }) };
  if (error.code === 'internal') log.error(error.message, fields);
  else if (error.code === 'tooManyOfPod') log.debug(error.message, fields);
  else log.warn(error.message, fields);
}

async function replyTo(exchange: Exchange, route: Route, { handlers, admit }: ServerOptions): Promise<Reply> {
  try {
    admit(exchange.remoteAddress ?? '');
    return await (handlers[route.name] as Handler)(exchange, route);
  } catch (thrown) {
    const error = asNmiError(thrown);
    logError(error, exchange);
    return errorReply(error);
  }
}

/** A pod that asks in a loop shall not fill the log as well. */
const QUIET_ROUTES: ReadonlySet<Route['name']> = new Set(['probe']);
const TOO_MANY = 429;

function logEnd({ log }: Exchange, { name }: Route, { status }: Reply, elapsedMs: number): void {
  const line = `Status (${status}) took ${Math.round(elapsedMs * 1e6)} ns`;
  if (QUIET_ROUTES.has(name) || status === TOO_MANY) log.debug(line);
  else log.info(line);
}

/** The listener that pods reach instead of the metadata service. It routes, answers, measures and logs; no more. */
export function createNmiServer(options: ServerOptions): NmiServer {
  const { rules, clock, logger, observe } = options;
  const clients = clientSignals();
  let closing = false;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = clock.monotonic();
    const [path, query] = splitTarget(request.url ?? '');
    const { method = '', headers, socket } = request;
    const remote = normalAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const shown = { 'req.method': method, 'req.path': path.slice(0, MAX_LOGGED_PATH), 'req.remote': remote };
    const log = logger.child(shown);
    const route = routeOf(method, path, rules);
    const signal = clients.begin(socket);
    const ofSocket = { remoteAddress: socket.remoteAddress, connection: socket, signal };
    const exchange: Exchange = { headers, query, ...ofSocket, log, seen: {} };
    const reply = await replyTo(exchange, route, options);
    await send(response, reply, closing, clock).catch((error: unknown) => {
      log.warn('the answer could not be sent whole', { err: error });
      response.destroy();
    });
    clients.end(socket);
    const elapsedMs = clock.monotonic() - startedAt;
    observe({ route: route.name, status: reply.status, seconds: elapsedMs / 1000, ...exchange.seen });
    logEnd(exchange, route, reply, elapsedMs);
  };
  const limits = { ...(options.limits ?? HTTP_LIMITS), requireHostHeader: false };
  const server = createServer(limits, (request, response) => {
    request.resume();
    if (refusedWithoutHost(request, response)) return;
    void serve(request, response);
  }).on('clientError', onClientError);
  refuseExpectations(server);
  limitConnections(server, CONNECTION_LIMITS, options.onConnectionRefused);
  limitPipelining(server, MAX_PIPELINED, options.onConnectionRefused);
  return {
    server,
    closeAfterAnswers: () => {
      closing = true;
    },
  };
}
