import type { AddressInfo, Server } from 'node:net';

export interface ListenOptions {
  /** All addresses, of both families where there are two, unless given. */
  readonly host?: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether another process of the same user may listen there too, at the same time. */
  readonly reusePort?: boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'not permitted',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/**
 * Makes `server` listen and gives its port.
 * @throws an Error that names the address and the reason, with the system's `code`
 */
export async function listen(server: Server, { host, port, reusePort = false }: ListenOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const fail = (error: NodeJS.ErrnoException): void => {
    const reason = REASONS[error.code ?? ''] ?? error.message;
    reject(Object.assign(new Error(`cannot listen on ${host ?? '*'}:${port}: ${reason}`), { code: error.code }));
  };
  server.once('error', fail).listen({ host, port, reusePort }, () => {
    server.off('error', fail);
    resolve(undefined);
  });
  await promise;
  return (server.address() as AddressInfo).port;
}
