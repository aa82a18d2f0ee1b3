import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '@aad-pod-identity/runtime';
import { act, ControlError } from './control-actions.ts';
import { readBody } from './read-body.ts';
import type { AzureSimulator } from './simulator.ts';

/** How many of the last requests a view holds. */
const MAX_REQUESTS = 500;

/** The state for people and for the sandbox's page; no secrets. */
export function viewOf({ state, control }: AzureSimulator): object {
  return {
    tenantId: state.tenantId,
    subscriptionId: state.subscriptionId,
    resources: [...state.resources.values()].map(({ id, kind, provisioningState, denied, userAssigned }) => ({
      id,
      kind,
      provisioningState,
      denied,
      userAssigned: [...userAssigned.values()].map((assigned) => assigned.id),
    })),
    identities: [...state.identities.values()],
    apps: [...state.apps.values()].map(({ clientId, tenantId }) => ({ clientId, tenantId })),
    stopped: control.stopped(),
    armDelayMs: control.arm.updateMs,
    concurrentWrites: state.concurrentWrites,
    requests: state.requests.slice(-MAX_REQUESTS),
  };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function control(azure: AzureSimulator, request: IncomingMessage): Promise<Answer> {
  try {
    await act(azure, Object(JSON.parse(await readBody(request))) as Record<string, unknown>);
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, body: { error: 'the body must be JSON' } };
    if (error instanceof Error)
      return { status: error instanceof ControlError ? 400 : 404, body: { error: error.message } };
    throw error;
  }
}

/**
 * A browser's page of another origin must not reach this: it would name itself by `Origin`, and a rebound name would
 * stand in `Host`.
 */
function isForeign({ headers }: IncomingMessage): boolean {
  const local = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
  return headers.origin !== undefined || !local.test(headers.host ?? '');
}

async function answer(azure: AzureSimulator, request: IncomingMessage): Promise<Answer> {
  if (isForeign(request)) return { status: 403, body: { error: 'for programs on this machine only' } };
  if (request.method === 'GET' && request.url === '/state') return { status: 200, body: viewOf(azure) };
  if (request.method === 'POST' && request.url === '/control') return control(azure, request);
  return { status: 404, body: { error: 'GET /state or POST /control' } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `GET /state` shows everything; `POST /control` with `{"action": ...}` changes it. Loopback only. */
export async function startControlServer(azure: AzureSimulator, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(azure, request).then(
      (reply) => {
        send(response, reply);
      },
      () => response.destroy(),
    );
  });
  const actual = await listen(server, { host: '127.0.0.1', port });
  return {
    url: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
