import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { once } from 'node:events';

export interface Forward {
  /** What it is called in the record of connections. */
  readonly name: string;
  readonly listen: ListenOptions;
  /** Port of 127.0.0.1. */
  readonly port: number;
}

export interface Connection {
  readonly name: string;
  /** Who connected: the pod itself, for nobody stands in for it. */
  readonly from: string;
}

/** Passes connections on as they are, and tells of each who made it. */
export async function startForward(forward: Forward, onConnection: (connection: Connection) => void): Promise<Server> {
  // who has said all may still listen
  const allowHalfOpen = true;
  const server = createServer({ allowHalfOpen }, (socket) => {
    onConnection({ name: forward.name, from: socket.remoteAddress ?? '' });
    const onward = connect({ host: '127.0.0.1', port: forward.port, allowHalfOpen });
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  server.listen(forward.listen);
  await once(server, 'listening');
  return server;
}
