import type { Server, Socket } from 'node:net';
import { normalAddress } from '../pod.ts';

export interface ConnectionLimits {
  /** Open connections of one pod; the next one is refused. */
  readonly perAddress: number;
  /** Of all pods; a new one then takes the place of the oldest one of whoever has the most. */
  readonly total: number;
}

/** A client opens one or a few; this is far beyond a pod with many processes. */
export const CONNECTION_LIMITS: ConnectionLimits = { perAddress: 512, total: 8_192 };

/** Open connections by the address of their other end, the oldest first. */
class OpenConnections {
  readonly #byAddress = new Map<string, Set<Socket>>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(address: string): number {
    return this.#byAddress.get(address)?.size ?? 0;
  }

  add(address: string, socket: Socket): void {
    const sockets = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, sockets.add(socket));
    this.#total++;
    socket.once('close', () => {
      this.#total--;
      sockets.delete(socket);
      if (sockets.size === 0) this.#byAddress.delete(address);
    });
  }

  /** The oldest connection of the address that has the most. */
  oldestOfMost(): Socket | undefined {
    let most: Set<Socket> | undefined;
    for (const sockets of this.#byAddress.values()) {
      if (sockets.size > (most?.size ?? 0)) most = sockets;
    }
    const [oldest] = most ?? [];
    return oldest;
  }
}

/** Keeps any pod from using up what all pods share. `onRefused` hears of each connection that was cut for that. */
export function limitConnections(server: Server, limits: ConnectionLimits, onRefused: () => void): void {
  const open = new OpenConnections();
  server.on('connection', (socket: Socket) => {
    const address = normalAddress(socket.remoteAddress ?? '') ?? '';
    if (open.of(address) >= limits.perAddress) {
      onRefused();
      socket.resetAndDestroy();
      return;
    }
    if (open.total >= limits.total) {
      onRefused();
      open.oldestOfMost()?.resetAndDestroy();
    }
    open.add(address, socket);
  });
}
