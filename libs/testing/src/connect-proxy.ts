import { createServer } from 'node:http';
import { connect } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';

export interface ConnectProxy {
  readonly url: string;
  /** `host:port` of each tunnel, in the order in which they were asked for. */
  readonly tunnels: string[];
  close(): Promise<void>;
}

/** An HTTP proxy that makes tunnels and remembers where to. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const server = createServer().on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    ...{ url: `http://127.0.0.1:${port}`, tunnels },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
