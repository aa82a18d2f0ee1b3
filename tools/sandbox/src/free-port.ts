import { createServer } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';

interface Held {
  readonly port: number;
  release(): Promise<unknown>;
}

async function hold(host: string, port: number): Promise<Held> {
  const server = createServer();
  return {
    port: await listen(server, { host, port }),
    release: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Different ports of 127.0.0.1 that nobody listened on a moment ago, for programs that take only a fixed port. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold('127.0.0.1', 0)));
  await Promise.all(held.map((each) => each.release()));
  return held.map(({ port }) => port);
}

/** The wanted port of an address, or any free one if somebody listens there, maybe on all addresses. */
export async function portAt(host: string, wanted: number): Promise<number> {
  const held = await hold(host, wanted).catch(() => hold(host, 0));
  await held.release();
  return held.port;
}
