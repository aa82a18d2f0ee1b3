import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { PORT_NAMES, type Ports } from '../plan/cluster-plan.ts';

const LOWEST = 20_000;
const LOCAL_PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

/**
 * Ports that no outgoing connection is ever given. One of those could be taken while a killed API server is down, even
 * by a client that tries to reach that very server: it would then talk to itself.
 * @param range text of `ip_local_port_range`
 */
export function lastingPorts(range: string, random: () => number): number[] {
  const end = Number.parseInt(range, 10);
  const count = Math.max(0, end - LOWEST);
  const begin = Math.floor(random() * count);
  return Array.from({ length: count }, (_, index) => LOWEST + ((begin + index) % count));
}

/** A server on the first port that nobody listens on; the ports before it are used up. */
async function holdNext(candidates: number[]): Promise<{ port: number; server: Server }> {
  for (;;) {
    const port = candidates.shift();
    if (port === undefined) throw new Error(`no port from ${LOWEST} on is free for the control plane`);
    const server = createServer();
    const isHeld = await listen(server, { host: '127.0.0.1', port }).then(
      () => true,
      () => false,
    );
    if (isHeld) return { port, server };
  }
}

/** As many ports of 127.0.0.1 as a control plane has; all are held until the last is found, so that no two are one. */
export async function freePorts(random: () => number = Math.random): Promise<Ports> {
  const candidates = lastingPorts(readFileSync(LOCAL_PORT_RANGE, 'utf8'), random);
  const held = [];
  for (const name of PORT_NAMES) held.push({ name, ...(await holdNext(candidates)) });
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(held.map(({ name, port }) => [name, port])) as Ports;
}
