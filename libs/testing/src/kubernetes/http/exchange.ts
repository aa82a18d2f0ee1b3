import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Cluster } from '../cluster.ts';
import type { FaultAction, Faults } from '../faults.ts';
import { ApiError, internalError, tooLarge, unauthorized } from '../status-errors.ts';
import { errorLine } from '../watch.ts';
import { isPublic } from './pages.ts';
import type { Answer, ApiRequest } from './request.ts';
import { isWatch, route } from './router.ts';
import { ResponseSink } from './sink.ts';
import type { Tokens } from './tokens.ts';

/** One request as tests look at it afterwards. `status` is 0 when no answer went out. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly userAgent: string;
  readonly contentType: string;
  status: number;
}

export interface ExchangeContext {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly requests: RecordedRequest[];
  readonly watches: Set<{ readonly path: string; readonly sink: ResponseSink }>;
  readonly reset: (remotePort: number | undefined) => void;
}

/** The real server's limit of a request body. */
const BODY_LIMIT = 3 * 1024 * 1024;
const KEPT_REQUESTS = 100_000;

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) throw tooLarge(BODY_LIMIT);
  return Buffer.concat(chunks);
}

function sendAnswer(answer: Answer, sink: ResponseSink): void {
  if ('stream' in answer) {
    answer.stream(sink);
    return;
  }
  const text = typeof answer.body === 'string' ? answer.body : `${JSON.stringify(answer.body)}\n`;
  sink.head(answer.status, {
    'content-type': answer.contentType ?? 'application/json',
    'cache-control': 'no-cache, private',
    ...warningHeader(answer.warnings ?? []),
  });
  sink.write(text);
  sink.end();
}

function warningHeader(warnings: readonly string[]): Record<string, string[]> {
  return warnings.length === 0 ? {} : { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) };
}

function sendError(error: unknown, sink: ResponseSink): void {
  const known = error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : 'unknown');
  sink.head(known.code, { 'content-type': 'application/json', ...known.headers });
  sink.write(`${JSON.stringify(known.body)}\n`);
  sink.end();
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function faultStatus(status: number, message?: string, retryAfterSeconds?: number): ApiError {
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new ApiError(status, REASONS[status] ?? '', message ?? `injected failure ${status}`, details, headers);
}

/** What a fault does before the ordinary answer; true when there is to be no ordinary answer. */
async function inflict(action: FaultAction, watch: boolean, sink: ResponseSink, cluster: Cluster): Promise<boolean> {
  switch (action.kind) {
    case 'status':
      sendError(faultStatus(action.status, action.message, action.retryAfterSeconds), sink);
      return true;
    case 'watchError':
      sink.head(200, { 'content-type': 'application/json' });
      sink.write(errorLine(faultStatus(action.status).body));
      sink.end();
      return true;
    case 'silence':
      return beSilent(action.afterBytes, watch, sink);
    case 'reset':
      if (action.afterBytes === undefined) sink.reset();
      else sink.cutAt({ afterBytes: action.afterBytes, then: 'reset' });
      return action.afterBytes === undefined;
    case 'truncate':
      sink.cutAt({ afterBytes: action.afterBytes, then: 'truncate' });
      return false;
    case 'delay':
      await cluster.clock.sleep(action.ms);
      return false;
  }
}

function beSilent(afterBytes: number | undefined, watch: boolean, sink: ResponseSink): boolean {
  if (afterBytes !== undefined) {
    sink.cutAt({ afterBytes, then: 'silence' });
    return false;
  }
  if (watch) sink.head(200, { 'content-type': 'application/json' });
  sink.silence();
  return true;
}

function record(context: ExchangeContext, incoming: IncomingMessage, url: URL): RecordedRequest {
  const entry: RecordedRequest = {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.search.slice(1),
    at: context.cluster.clock.now(),
    userAgent: incoming.headers['user-agent'] ?? '',
    contentType: incoming.headers['content-type'] ?? '',
    status: 0,
  };
  context.requests.push(entry);
  if (context.requests.length > KEPT_REQUESTS) context.requests.splice(0, KEPT_REQUESTS / 2);
  return entry;
}

function trackWatch(context: ExchangeContext, path: string, sink: ResponseSink): void {
  const open = { path, sink };
  context.watches.add(open);
  sink.onClose(() => context.watches.delete(open));
}

async function answer(
  context: ExchangeContext,
  incoming: IncomingMessage,
  url: URL,
  sink: ResponseSink,
): Promise<void> {
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: await readBody(incoming),
  };
  const watch = isWatch(request.method, request.query);
  if (watch) trackWatch(context, request.path, sink);
  const action = context.faults.take({ method: request.method, path: request.path, watch });
  if (action !== undefined && (await inflict(action, watch, sink, context.cluster))) return;
  if (!isPublic(request.path) && !context.tokens.admits(request.headers)) throw unauthorized();
  sendAnswer(route(context.cluster, request), sink);
}

/** Takes one request from its first byte to the end of its answer. */
export async function exchange(
  context: ExchangeContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://server');
  const entry = record(context, incoming, url);
  const { remotePort } = incoming.socket;
  const sink = new ResponseSink(
    response,
    () => {
      context.reset(remotePort);
    },
    (status) => {
      entry.status = status;
    },
  );
  try {
    await answer(context, incoming, url, sink);
  } catch (error) {
    sendError(error, sink);
  }
}
