import type { Socket } from 'node:net';
import type { Clock } from '@aad-pod-identity/runtime';

/** A client that takes nothing of its answers for so long is cut: what it holds up is memory of all. */
const UNREAD_MS = 10_000;

const watched = new WeakSet<Socket>();

const taken = (socket: Socket): number => socket.bytesWritten - socket.writableLength;

/** Cuts the connection if its client does not read what is held for it. To be called after something was written. */
export function cutIfUnread(socket: Socket, clock: Clock): void {
  if (socket.writableLength === 0 || socket.destroyed || watched.has(socket)) return;
  watched.add(socket);
  const before = taken(socket);
  const cancel = clock.schedule(UNREAD_MS, () => {
    watched.delete(socket);
    socket.off('close', cancel);
    if (socket.writableLength > 0 && taken(socket) === before) socket.destroy();
    else cutIfUnread(socket, clock);
  });
  socket.once('close', cancel);
}
