import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { type Clock, endOfTurn } from '@aad-pod-identity/runtime';

export interface StopTimes {
  /** How long connections without a request stay open, so that no request meets a closing door; in milliseconds. */
  readonly idleMs: number;
  /** How long requests under way may take. */
  readonly graceMs: number;
}

/** Keeps new connections away until the returned function is called. */
export type Hold = () => Promise<() => Promise<void>>;

/** Makes the next answer on each connection its last. */
export type CloseAfterAnswers = () => void;

/** A turn of the event loop that was shorter has read nothing. */
const QUIET_TURN_MS = 0.3;
const MAX_TURNS = 200;

/**
 * Waits for a turn in which nothing came. The kernel resets connections that it has taken and we have not: right after
 * such a turn there are none, but for those of some microseconds.
 */
async function quietTurn(clock: Clock): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const startedAt = clock.monotonic();
    await new Promise<void>((resolve) => {
      endOfTurn(resolve);
    });
    if (clock.monotonic() - startedAt < QUIET_TURN_MS) return;
  }
}

/** From then on new connections go to whoever listens beside us. Resolves when the last of ours has ended. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Not `server.close`: of HTTP servers that cuts idle connections, on which a request may be on its way.
    NetServer.prototype.close.call(server, () => {
      resolve();
    });
  });
}

/** Closes the door while nobody stands in it. What was accepted is served on; gives the end of the last of it. */
async function closeListener(server: Server, hold: Hold, clock: Clock): Promise<{ closed: Promise<void> }> {
  const release = await hold();
  try {
    await quietTurn(clock);
    return { closed: stopListening(server) };
  } finally {
    await release();
  }
}

/** Stops listening, serves what was accepted, and cuts what is open after the times are over. */
export async function stopServer(
  server: Server,
  { closeAfterAnswers, hold }: { readonly closeAfterAnswers: CloseAfterAnswers; readonly hold: Hold },
  { idleMs, graceMs }: StopTimes,
  clock: Clock,
): Promise<void> {
  closeAfterAnswers();
  const { closed } = await closeListener(server, hold, clock);
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
