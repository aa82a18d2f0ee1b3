import { createServer } from 'node:net';
import { listen } from '@aad-pod-identity/runtime';
import { PORT_NAMES, type Ports } from '../plan/cluster-plan.ts';

/** As many ports of 127.0.0.1 as a control plane has; all are held until the last is found, so that no two are one. */
export async function freePorts(): Promise<Ports> {
  const servers = PORT_NAMES.map((name) => ({ name, server: createServer() }));
  const entries = await Promise.all(
    servers.map(async ({ name, server }) => [name, await listen(server, { host: '127.0.0.1', port: 0 })] as const),
  );
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(entries) as Ports;
}
