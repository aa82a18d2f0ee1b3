import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { listen, UsageError, type Clock } from '@aad-pod-identity/runtime';
import type { Sandbox } from '../sandbox.ts';
import { buttons } from './actions.ts';
import { createLiveView } from './live-view.ts';

export interface Page {
  readonly url: string;
  /** From now on the page shows this sandbox. */
  show(sandbox: Sandbox): void;
  /** Something has changed that the page may show. */
  readonly changed: () => void;
  close(): Promise<void>;
}

const ASSETS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};

/** Nothing of the page may come from elsewhere, and nothing elsewhere may frame it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
};

/** @throws UsageError when the port is taken */
export async function startPage({ port, clock }: { port: number; clock: Clock }): Promise<Page> {
  const live = createLiveView(clock);
  let sandbox: Sandbox | undefined;
  const server = createServer((request, response) => {
    if (!isOwnPage(request)) send(response, 403, 'text/plain', 'only the page itself may ask');
    else if (request.url === '/events') live.serve(request, response);
    else if (request.method === 'POST') void act(request, response, sandbox);
    else sendAsset(response, request.url ?? '/');
  });
  const listening = await listen(server, { host: '127.0.0.1', port }).catch((error: unknown) => {
    throw new UsageError(`--port=${port}: ${(error as Error).message}; choose another, or 0 for any free one`);
  });
  return {
    url: `http://127.0.0.1:${listening}/`,
    show: (shown) => {
      sandbox = shown;
      live.show(shown);
    },
    changed: live.changed,
    close: async () => {
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Other web sites can make a browser send requests to loopback, even under a name of their own. So the host must be the
 * address itself, and whatever changes something must come from a page of this very origin.
 */
function isOwnPage({ headers, method }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return false;
  return method === 'GET' || headers.origin === `http://${host}`;
}

function sendAsset(response: ServerResponse, path: string): void {
  const [file, type] = ASSETS[path] ?? [];
  if (file === undefined) send(response, 404, 'text/plain', 'no such page');
  else send(response, 200, type ?? '', readFileSync(join(import.meta.dirname, file), 'utf8'));
}

async function act(request: IncomingMessage, response: ServerResponse, sandbox: Sandbox | undefined): Promise<void> {
  const button = buttons.find(({ id }) => request.url === `/actions/${id}`);
  if (button === undefined) send(response, 404, 'text/plain', 'no such action');
  else if (sandbox === undefined) send(response, 503, 'text/plain', 'the sandbox is still starting');
  else {
    const outcome = await button.action(sandbox).then(
      (text) => ({ status: 200, text }),
      (error: unknown) => ({ status: 500, text: error instanceof Error ? error.message : String(error) }),
    );
    send(response, outcome.status, 'text/plain', outcome.text);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
