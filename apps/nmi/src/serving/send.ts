import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Clock, endOfTurn } from '@aad-pod-identity/runtime';
import type { Reply } from '../exchange.ts';
import { cutIfUnread } from './unread.ts';

/** A request that brings a body is answered without it, and its connection ends: nobody asks for one here. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Sends `reply`; with `last` the connection ends after it. */
export async function send(response: ServerResponse, reply: Reply, last: boolean, clock: Clock): Promise<void> {
  const { status, headers, body } = reply;
  if (last || hasBody(response.req)) response.shouldKeepAlive = false;
  if (typeof body === 'string') {
    // Answers of one turn go out together: each write wakes its client, and many at once cost far less.
    endOfTurn(() => {
      response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
      cutIfUnread(response.req.socket, clock);
    });
    return;
  }
  response.writeHead(status, headers);
  await pipeline(body, response);
}
