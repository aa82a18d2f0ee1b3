import type { Socket } from 'node:net';
import { NmiError } from '../errors.ts';

/** Made once: every connection ends with it. */
const CLIENT_GONE = new NmiError('clientGone');

interface Client {
  readonly controller: AbortController;
  /** Requests that have no answer yet. */
  underWay: number;
}

export interface ClientSignals {
  /** A request has come: its signal aborts when the client leaves before `end` was called for it. */
  begin(socket: Socket): AbortSignal;
  end(socket: Socket): void;
}

/** One signal for each connection; its requests come and go with it. */
export function clientSignals(): ClientSignals {
  const clients = new WeakMap<Socket, Client>();
  function add(socket: Socket): Client {
    const client = { controller: new AbortController(), underWay: 0 };
    clients.set(socket, client);
    socket.once('close', () => {
      if (client.underWay > 0) client.controller.abort(CLIENT_GONE);
    });
    return client;
  }
  return {
    begin: (socket) => {
      const client = clients.get(socket) ?? add(socket);
      client.underWay++;
      return client.controller.signal;
    },
    end: (socket) => {
      const client = clients.get(socket);
      if (client !== undefined) client.underWay--;
    },
  };
}
