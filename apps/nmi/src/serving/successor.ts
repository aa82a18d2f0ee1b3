import { readFile } from 'node:fs/promises';
import type { Clock } from '@aad-pod-identity/runtime';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LISTEN = '0A';
const LOOK_MS = 100;

/** The kernel's tables of this network's TCP sockets; one of a family that the node lacks is empty. */
export type SocketTables = () => Promise<readonly string[]>;

export const systemSocketTables: SocketTables = () =>
  Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));

/** How many sockets listen on `port`: `  sl  local_address rem_address   st ...`, an address is `hex:hex`. */
export function listenersOn(port: number, tables: readonly string[]): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)));
  return sockets.filter(([, local = '', , state]) => state === LISTEN && local.endsWith(suffix)).length;
}

/**
 * Waits until another NMI listens beside this one, `atMostMs` at most: in a rollout the next one's pod may count as ready,
 * by the answers of ours, before it listens. Whoever has no successor goes on serving meanwhile, which harms nobody.
 */
export async function whenSucceeded(port: number, atMostMs: number, clock: Clock, tables: SocketTables): Promise<void> {
  const until = clock.monotonic() + atMostMs;
  while (clock.monotonic() < until && listenersOn(port, await tables()) < 2) await clock.sleep(LOOK_MS);
}
