import { createSecureContext } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import { abortReason } from '@aad-pod-identity/runtime';
import { abortable } from './abortable.ts';
import type { ServerAccess } from './access/access.ts';
import { KubeError } from './errors.ts';
import { type Guard, guarding } from './guard.ts';

export interface HttpCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the server's base URL. */
  path: string;
  body?: string | undefined;
  contentType?: string | undefined;
  /** Ends the call and the body of its answer. */
  signal: AbortSignal;
  guard?: Guard | undefined;
}

export interface Transport {
  /** One exchange; a 401 gets one more try with fresh credentials. Any status resolves. */
  send(call: HttpCall): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/** The name of a call in error messages: without the query, which carries long continuation tokens. */
export function nameOf(call: Pick<HttpCall, 'method' | 'path'>): string {
  return `${call.method} ${call.path.replace(/\?.*/, '')}`;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Below the idle limits of common load balancers (60 s and more), so that a pooled connection is a living one. */
const KEEP_ALIVE_MS = 30_000;

/** Makes each new connection with the TLS material of that moment: a rotated CA or client certificate needs no restart. */
function connectorFor(access: ServerAccess): buildConnector.connector {
  let material = access.tls();
  const build = () =>
    buildConnector({
      ...material,
      // One for all connections: to read the CA anew for each costs more than its handshake.
      secureContext: createSecureContext(material),
      allowH2: false,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
  let connect = build();
  return (options, callback) => {
    if (material !== access.tls()) {
      material = access.tls();
      connect = build();
    }
    connect(options, callback);
  };
}

/**
 * One pool for everything. HTTP/1.1, so that each watch has a connection of its own and a stuck one is thrown away
 * alone. undici's timeouts are off: every call carries its own deadline.
 */
function agentFor(access: ServerAccess): Dispatcher {
  const options = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS };
  if (access.proxyUrl !== undefined) {
    return new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: access.tls() });
  }
  return new Agent({ ...options, connect: connectorFor(access) });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `${error.message} (${code})`;
}

/** Turns whatever broke a call into a KubeError, or into the reason of the caller's own abort. */
export function transportError(error: unknown, signal: AbortSignal, what: string): Error {
  if (error instanceof KubeError) return error;
  if (!signal.aborted) return new KubeError('unreachable', `${what}: ${reasonOf(error)}`, { cause: error });
  const reason = abortReason(signal);
  if (reason.name !== 'TimeoutError') return reason;
  return new KubeError('timeout', `${what}: ${reason.message}`, { cause: reason });
}

export function createTransport(access: ServerAccess, userAgent: string): Transport {
  const dispatcher = agentFor(access);
  const guarded = dispatcher.compose(guarding);
  const base = new URL(access.server);
  const prefix = base.pathname === '/' ? '' : base.pathname;

  async function once(call: HttpCall, fresh: boolean): Promise<Dispatcher.ResponseData> {
    const headers = await abortable(access.headers(fresh), call.signal);
    const options = {
      origin: base.origin,
      path: prefix + call.path,
      method: call.method,
      headers: {
        ...headers,
        Accept: 'application/json',
        'User-Agent': userAgent,
        ...(call.body === undefined ? {} : { 'Content-Type': call.contentType ?? 'application/json' }),
      },
      body: call.body ?? null,
      signal: call.signal,
      guard: call.guard,
    };
    return guarded.request(options);
  }

  return {
    async send(call) {
      try {
        const answer = await once(call, false);
        if (answer.statusCode !== 401) return answer;
        await answer.body.dump();
        return await once(call, true);
      } catch (error) {
        throw transportError(error, call.signal, nameOf(call));
      }
    },
    close: () => dispatcher.destroy(),
  };
}
