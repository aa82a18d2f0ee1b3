import type { Socket } from 'node:net';

/**
 * The open TCP connections of the server. A TLS socket can't send a reset itself, so the raw socket below it is kept
 * under its remote port.
 */
export class Connections {
  readonly #byPort = new Map<number, Socket>();

  add(socket: Socket): void {
    const port = socket.remotePort;
    if (port === undefined) return;
    this.#byPort.set(port, socket);
    socket.once('close', () => {
      if (this.#byPort.get(port) === socket) this.#byPort.delete(port);
    });
  }

  /** Sends a TCP reset on the connection from this remote port. */
  reset(remotePort: number | undefined): void {
    if (remotePort !== undefined) this.#byPort.get(remotePort)?.resetAndDestroy();
  }

  resetAll(): void {
    for (const socket of [...this.#byPort.values()]) socket.resetAndDestroy();
  }

  destroyAll(): void {
    for (const socket of [...this.#byPort.values()]) socket.destroy();
  }
}
