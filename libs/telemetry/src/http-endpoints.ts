import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '@aad-pod-identity/runtime';

export interface EndpointAnswer {
  readonly status: number;
  /** `text/plain; charset=utf-8` unless given. */
  readonly contentType?: string;
  readonly body: string;
}

export type Endpoint = () => EndpointAnswer | Promise<EndpointAnswer>;

export interface HttpEndpoints {
  readonly port: number;
  /** Stops listening and ends the open connections. */
  close(): Promise<void>;
}

export interface HttpEndpointsOptions {
  /** All addresses unless given. */
  readonly host?: string | undefined;
  readonly port: number;
  /** Path without query -> who answers. */
  readonly routes: Readonly<Record<string, Endpoint>>;
}

async function answer(request: IncomingMessage, routes: HttpEndpointsOptions['routes']): Promise<EndpointAnswer> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const endpoint = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (endpoint === undefined) return { status: 404, body: 'Not Found\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'Method Not Allowed\n' };
  try {
    return await endpoint();
  } catch {
    return { status: 500, body: 'Internal Server Error\n' };
  }
}

function send(
  response: ServerResponse,
  { status, body, contentType = 'text/plain; charset=utf-8' }: EndpointAnswer,
): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/**
 * The small server for `/healthz`, `/readyz` and `/metrics`.
 * @throws an Error that names the address when it cannot listen there
 */
export async function startHttpEndpoints({ host, port, routes }: HttpEndpointsOptions): Promise<HttpEndpoints> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    request.resume();
    void answer(request, routes).then((found) => {
      send(response, found);
    });
  });
  const bound = await listen(server, { host, port });
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
