import type { Socket } from 'node:net';
import { NmiError } from '../errors.ts';

/** Made once: every connection ends with it. */
const CLIENT_GONE = new NmiError('clientGone');

/** One for each connection: aborts when the client leaves. Requests of one connection come and go with it. */
export function clientSignals(): (socket: Socket) => AbortSignal {
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
