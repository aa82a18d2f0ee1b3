import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@aad-pod-identity/runtime';
import { fakeClock } from '@aad-pod-identity/testing';
import { listenersOn, systemSocketTables, whenSucceeded } from './successor.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const socket = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00`;
const table = (...sockets: string[]): string => [HEAD, ...sockets, ''].join('\n');

const counts: Record<string, [tables: string[], count: number]> = {
  none: [[table(), ''], 0],
  'one that listens': [[table(socket('0100007F:0A13', '0A'))], 1],
  'two of both families': [[table(socket('00000000:0A13', '0A')), table(socket(`${'0'.repeat(32)}:0A13`, '0A'))], 2],
  'not a connection': [[table(socket('0100007F:0A13', '01'))], 0],
  'not another port': [[table(socket('0100007F:1F90', '0A'), socket('0A130A13:0016', '0A'))], 0],
};

it.each(Object.entries(counts))('counts the listeners of a port: %s', (_, [tables, count]) => {
  expect(listenersOn(2579, tables)).toBe(count);
});

it('sees a real listener', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(listenersOn(port, await systemSocketTables())).toBe(1);
  await whenSucceeded(port, 1, systemClock, systemSocketTables);
  server.close();
});

const waits: Record<string, [listeners: number[], lookedAt: number]> = {
  'at once where another is there': [[2], 1],
  'until another has come': [[1, 1, 2], 3],
  'at most as long as it may': [[1], 5],
};

it.each(Object.entries(waits))('waits %s', async (_, [listeners, lookedAt]) => {
  const clock = fakeClock();
  let looks = 0;
  const tables = () => {
    const count = listeners[Math.min(looks++, listeners.length - 1)] ?? 0;
    return Promise.resolve([table(...Array<string>(count).fill(socket('0100007F:0A13', '0A')))]);
  };
  const waited = whenSucceeded(2579, 500, clock, tables);
  await clock.advance(500);
  await waited;
  expect(looks).toBe(lookedAt);
});
