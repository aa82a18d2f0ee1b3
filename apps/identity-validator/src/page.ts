import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TokenSource } from './token-source.ts';

/**
 * A token on a page is a token given away: whoever sees it can use it until it expires. This page shows it all the
 * same, because it is the demo of the walk-through and must be pointed at an identity without any rights.
 * Nothing else of this project ever shows, logs or stores a token in the clear.
 */
export async function pageText(source: TokenSource, report: (line: string) => void): Promise<string> {
  try {
    const token = await source();
    report('a token was obtained');
    return `Token: ${token}`;
  } catch (error) {
    report(`no token: ${firstLine(error)}`);
    return 'Could not retrieve token...';
  }
}

/** Serves the page under every path but `/healthz` and the icon that browsers ask for. */
export function createPageServer(source: TokenSource, report: (line: string) => void): Server {
  return createServer((request, response) => void answer(request, response, source, report));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: TokenSource,
  report: (line: string) => void,
): Promise<void> {
  const path = request.url ?? '/';
  if (path === '/healthz') send(response, 200, 'ok');
  else if (path === '/favicon.ico') send(response, 404, 'no icon here');
  else send(response, 200, await pageText(source, report));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(body);
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
