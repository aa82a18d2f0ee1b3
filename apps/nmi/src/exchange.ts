import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Route } from './route.ts';

/** One request, as handlers see it. */
export interface Exchange {
  readonly headers: IncomingHttpHeaders;
  /** Without the question mark, as sent. */
  readonly query: string;
  /** Of the socket. */
  readonly remoteAddress: string | undefined;
  /** The socket as a key: requests that have it in common come from one and the same other end. */
  readonly connection: object;
  /** Aborts when the client leaves or the program ends. */
  readonly signal: AbortSignal;
  /** Its lines carry method, path and remote address. */
  readonly log: Logger;
  /** What the handler found out that metrics are told by; a failed request keeps what was known. */
  readonly seen: { namespace?: string; resource?: string };
}

export interface Reply {
  readonly status: number;
  /** Without those that follow from the body. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body: string | Readable;
}

/** Answers one kind of route. Whatever it throws becomes an error answer. */
export type Handler<R extends Route = Route> = (exchange: Exchange, route: R) => Promise<Reply>;

export type Handlers = { readonly [Name in Route['name']]: Handler<Extract<Route, { name: Name }>> };
