import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, listen } from '@aad-pod-identity/runtime';
import type { FaultAction, Faults, OperationName, ServiceName } from './faults.ts';
import { readBody } from './read-body.ts';
import type { Recorder } from './recorder.ts';
import type { CertificateAndKey } from '../pki.ts';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly note?: string;
}

/** What a request is and how it is answered unless a fault hits it. */
export interface Operation {
  readonly name: OperationName;
  readonly run: () => Reply | Promise<Reply>;
  /** Asked on arrival; gives what to call when the request is over, or the refusal of a request too many. */
  readonly admit?: () => (() => void) | Reply;
}

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly machine?: string;
  readonly host: string;
  readonly port?: number;
  readonly tls?: CertificateAndKey;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly route: (exchange: Exchange) => Operation;
  /** The service's own form of an error. */
  readonly errorBody: (code: string, message: string) => unknown;
}

/** An HTTP server that can be stopped and started again on the same port. */
export interface Service {
  readonly port: number;
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function readExchange(request: IncomingMessage): Promise<Exchange> {
  const url = new URL(`http://simulator${request.url ?? '/'}`);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    url,
    headers: request.headers,
    body: await readBody(request),
  };
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function throttled(action: Extract<FaultAction, { kind: 'throttle' }>, errorBody: ServiceOptions['errorBody']): Reply {
  return {
    status: 429,
    body: errorBody(action.code ?? 'TooManyRequests', 'The request was throttled.'),
    headers: action.retryAfter === undefined ? {} : { 'retry-after': String(action.retryAfter) },
    note: 'throttled',
  };
}

type Silent = 'hang' | 'reset';

function faultReply(action: FaultAction, errorBody: ServiceOptions['errorBody']): Reply | Silent {
  switch (action.kind) {
    case 'status': {
      const { status, code = 'InternalServerError', message = 'A fault of the simulator.' } = action;
      return { status, body: errorBody(code, message), note: `fault: ${code}` };
    }
    case 'throttle':
      return throttled(action, errorBody);
    case 'garbage':
      return { status: action.status ?? 200, body: action.body, note: 'fault: garbage' };
    case 'hang':
    case 'reset':
      return action.kind;
  }
}

/** Under TLS a connection can only be cut, to the same effect. */
function cut(socket: Socket | null): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

interface Outcome {
  readonly status: number;
  readonly note: string;
}

/** Waits for the latency, then gives the fault's answer or the operation's. */
async function replyTo(
  { clock, faults, errorBody }: ServiceOptions,
  operation: Operation,
  fault: FaultAction | undefined,
  gone: AbortSignal,
): Promise<Reply | Silent> {
  const admitted = operation.admit?.() ?? (() => undefined);
  if (typeof admitted !== 'function') return admitted;
  try {
    const latency = faults.latencyOf(operation.name);
    if (latency > 0) await clock.sleep(latency, gone);
    return fault === undefined ? await operation.run() : faultReply(fault, errorBody);
  } finally {
    admitted();
  }
}

/** Answers one request and gives what there is to record. */
async function answer(
  options: ServiceOptions,
  operation: Operation,
  exchange: Exchange,
  response: ServerResponse,
): Promise<Outcome> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new Error('the client went away'));
  });
  const fault = options.faults.take(operation.name, `${exchange.path}${exchange.url.search} ${exchange.body}`);
  try {
    const reply = await replyTo(options, operation, fault, gone.signal);
    if (reply === 'reset') cut(response.socket);
    if (typeof reply === 'string') return { status: 0, note: `fault: ${reply}` };
    send(response, reply);
    return { status: reply.status, note: reply.note ?? '' };
  } catch (error) {
    if (gone.signal.aborted) return { status: 0, note: 'the client went away' };
    send(response, { status: 500, body: options.errorBody('InternalServerError', String(error)) });
    return { status: 500, note: String(error) };
  }
}

function handler(options: ServiceOptions) {
  const { clock, recorder } = options;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [at, begin] = [clock.now(), clock.monotonic()];
    const exchange = await readExchange(request);
    const operation = options.route(exchange);
    const outcome = await answer(options, operation, exchange, response);
    recorder.add({
      at,
      service: options.name,
      operation: operation.name,
      ...(options.machine === undefined ? {} : { machine: options.machine }),
      method: exchange.method,
      path: exchange.path,
      query: exchange.url.search,
      userAgent: exchange.headers['user-agent'] ?? '',
      durationMs: clock.monotonic() - begin,
      ...outcome,
    });
  };
}

/** Starts a service; port 0 takes a free one, which it keeps through stops and starts. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const handle = handler(options);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy());
  };
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = options.port ?? 0;
  const start = async (): Promise<void> => {
    if (server !== undefined) return;
    const { tls } = options;
    const created =
      tls === undefined
        ? createHttpServer(onRequest)
        : createHttpsServer({ cert: tls.certPem, key: tls.keyPem }, onRequest);
    created.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server = created;
    port = await listen(created, { host: options.host, port });
  };
  await start();
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${options.host}:${port}`,
    start,
    stop: async () => {
      const stopping = server;
      server = undefined;
      if (stopping === undefined) return;
      const closed = new Promise((resolve) => stopping.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
