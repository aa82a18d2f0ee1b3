import type { Server } from 'node:http';
import type { Clock } from '@aad-pod-identity/runtime';

/** Stops listening, lets the requests under way end for at most `graceMs` milliseconds, then cuts them. */
export async function stopServer(server: Server, graceMs: number, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const cancel = clock.schedule(graceMs, () => {
    server.closeAllConnections();
  });
  await closed;
  cancel();
}
