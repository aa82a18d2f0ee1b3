import { createServer } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';

/** A port of 127.0.0.1 that nobody listened on a moment ago; programs that take only a fixed port get it as a flag. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
