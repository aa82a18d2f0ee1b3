import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

import { Connections } from './connections.ts';
import { exchange, type ExchangeContext } from './exchange.ts';

export interface TlsFiles {
  readonly certPem: string;
  readonly keyPem: string;
  /** The authority clients check the certificate with. */
  readonly caPem: string;
}

/** A server that can be stopped and started again on the port it once got. */
export class Listener {
  readonly connections = new Connections();
  readonly #host: string;
  readonly #tls: TlsFiles | undefined;
  readonly #context: () => ExchangeContext;
  #server: Server | undefined;
  #port: number;

  constructor(host: string, port: number, tls: TlsFiles | undefined, context: () => ExchangeContext) {
    this.#host = host;
    this.#port = port;
    this.#tls = tls;
    this.#context = context;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = this.#create();
    server.on('connection', (socket) => {
      this.connections.add(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#host, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Closes the port and cuts every connection, as a server does that is killed. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) =>
      server.close(() => {
        resolve();
      }),
    );
    this.connections.destroyAll();
    await closed;
  }

  #create(): Server {
    const handle = (...[incoming, response]: Parameters<Parameters<typeof createHttp>[1] & object>): void => {
      void exchange(this.#context(), incoming, response);
    };
    // a watch has no end, and idle connections stay open like the real server's
    const options = { requestTimeout: 0, keepAliveTimeout: 0 };
    if (this.#tls === undefined) return createHttp(options, handle);
    return createHttps({ ...options, cert: this.#tls.certPem, key: this.#tls.keyPem }, handle);
  }
}
