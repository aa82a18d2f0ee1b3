import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { type Clock, endOfTurn } from '@aad-pod-identity/runtime';

export interface StopTimes {
  /** How long connections without a request stay open, so that no request meets a closing door; in milliseconds. */
  readonly idleMs: number;
  /** How long requests under way may take. */
  readonly graceMs: number;
}

/** Makes the next answer on each connection its last. */
export type CloseAfterAnswers = () => void;

/** New connections go to whoever listens beside us. What was accepted before is served. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Not `server.close`: of HTTP servers that cuts idle connections, on which a request may be on its way. Once the
    // turn has accepted all that waited, none is lost with the listening socket.
    endOfTurn(() => {
      NetServer.prototype.close.call(server, () => {
        resolve();
      });
    });
  });
}

/** Stops listening, serves what was accepted, and cuts what is open after the times are over. */
export async function stopServer(
  server: Server,
  closeAfterAnswers: CloseAfterAnswers,
  { idleMs, graceMs }: StopTimes,
  clock: Clock,
): Promise<void> {
  const closed = stopListening(server);
  closeAfterAnswers();
  const timers = [
    clock.schedule(idleMs, () => {
      server.closeIdleConnections();
    }),
    clock.schedule(graceMs, () => {
      server.closeAllConnections();
    }),
  ];
  await closed;
  for (const cancel of timers) cancel();
}
