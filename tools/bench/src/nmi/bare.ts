import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../children.ts';
import { Connection } from './connection.ts';
import type { Load } from './load.ts';

const BARE = join(dirname(fileURLToPath(import.meta.url)), 'bare-server.ts');

/** A bare server that sends what NMI sends, byte for byte. */
export async function startBare(load: Load, signal: AbortSignal): Promise<{ child: Child; load: Load; pid: number }> {
  const connection = new Connection(load, load.addresses[0] ?? '', { keepAlive: true });
  const { body, head } = await connection.ask();
  connection.close();
  const type = /content-type: (.*)/i.exec(head)?.[1]?.trim() ?? '';
  const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
  const child = startChild(BARE, { headers, body }, [], signal);
  const port = (await child.message()) as number;
  return { child, load: { ...load, port }, pid: child.process.pid ?? -1 };
}
