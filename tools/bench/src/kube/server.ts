/**
 * A process of its own that answers like a Kubernetes API with many pods: lists in pages, and a watch that at once sends
 * all its events as fast as the client takes them. It does no more, so that what is measured is the client.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { podJson, podText } from './pods.ts';

export interface ServerSettings {
  readonly pods: number;
  readonly events: number;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Events written at once: some 250 KB, so that the server costs little more than the bytes. */
const BATCH = 64;

const { pods: count, events, certPem, keyPem } = JSON.parse(process.argv[2] ?? '{}') as ServerSettings;
const pods = Array.from({ length: count }, (_, index) => podText(index));
const firstVersion = count + 1;

/** Each event changes something that a program keeps: with every pass over the pods each one ends or begins anew. */
const phaseOf = (pod: number, pass: number) => ((pod + pass) % 2 === 0 ? 'Running' : 'Succeeded');

function list(url: URL): string {
  const start = Number(url.searchParams.get('continue') ?? 0);
  const end = Math.min(count, start + Number(url.searchParams.get('limit') ?? count));
  const items = pods.slice(start, end).map((pod, index) => podJson(pod, start + index + 1, phaseOf(start + index, 0)));
  const more = end < count ? `,"continue":"${end}"` : '';
  return `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"${count}"${more}},"items":[${items.join(',')}]}`;
}

function eventLine(index: number): string {
  const pod = index % count;
  const text = podJson(pods[pod] ?? podText(pod), firstVersion + index, phaseOf(pod, 1 + Math.floor(index / count)));
  return `{"type":"MODIFIED","object":${text}}\n`;
}

async function watch(response: ServerResponse): Promise<void> {
  for (let next = 0; next < events && !response.destroyed; next += BATCH) {
    const size = Math.min(BATCH, events - next);
    const lines = Array.from({ length: size }, (_, index) => eventLine(next + index));
    if (!response.write(Buffer.from(lines.join(''), 'latin1'))) await once(response, 'drain').catch(() => undefined);
  }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  response.setHeader('Content-Type', 'application/json');
  if (url.pathname !== '/api/v1/pods') response.writeHead(404).end('{}');
  else if (url.searchParams.has('watch')) void watch(response);
  else response.end(list(url));
}

const server = createServer({ cert: certPem, key: keyPem }, answer);
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => {
  server.closeAllConnections();
  server.close();
});
