import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { normalAddress } from '../pod.ts';

/**
 * How many requests of one pod may stand behind others on their own connections. Clients send one at a time, and their
 * number is bound by that of connections. One that sends on without an answer would fill the memory of all: a request
 * may wait a minute and a half.
 */
export const MAX_PIPELINED = 1_000;

interface Connection {
  readonly address: string;
  /** The answer to the request that came last. */
  last: ServerResponse;
  /** Requests that came before the answer to the one before them was out. */
  behind: number;
}

/** Cuts the connection that brings more than `perAddress` of them. `onRefused` hears of each. */
export function limitPipelining(server: Server, perAddress: number, onRefused: () => void): void {
  const connections = new WeakMap<Socket, Connection>();
  const behind = new Map<string, number>();

  function count(connection: Connection, more: number): number {
    const { address } = connection;
    connection.behind += more;
    const sum = (behind.get(address) ?? 0) + more;
    if (sum === 0) behind.delete(address);
    else behind.set(address, sum);
    return sum;
  }

  function open(socket: Socket, last: ServerResponse): void {
    const connection = { address: normalAddress(socket.remoteAddress ?? '') ?? '', last, behind: 0 };
    connections.set(socket, connection);
    socket.once('close', () => count(connection, -connection.behind));
  }

  function enter(socket: Socket, connection: Connection, response: ServerResponse): void {
    response.once('close', () => {
      if (!socket.destroyed) count(connection, -1);
    });
    if (count(connection, 1) <= perAddress) return;
    onRefused();
    socket.resetAndDestroy();
  }

  server.on('request', ({ socket }, response: ServerResponse) => {
    const connection = connections.get(socket);
    if (connection === undefined) {
      open(socket, response);
      return;
    }
    const { last } = connection;
    connection.last = response;
    if (!last.writableFinished && !socket.destroyed) enter(socket, connection, response);
  });
}
