import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Store } from '@aad-pod-identity/kube';
import { listen, type Clock } from '@aad-pod-identity/runtime';
import { followLog, logOptions, shown } from '@aad-pod-identity/testing/kubernetes';
import type { SandboxPod } from './pod.ts';

export interface KubeletServerOptions {
  readonly clock: Clock;
  readonly pods: Store<SandboxPod>;
  /** Path of a pod's log. */
  readonly podLog: (namespace: string, name: string) => string;
  /** PEM texts: what it shows to be the node, and who signed it and everybody that may ask. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
}

/** The one who may ask: the API server, which has asked whether its own caller may. */
const API_SERVER = 'kube-apiserver-kubelet-client';

/** What `kubectl logs` needs of a node: a real API server asks its kubelet. @returns the port of 127.0.0.1 */
export async function startKubeletServer(options: KubeletServerOptions): Promise<{ port: number; server: Server }> {
  const server = createServer({ ...options.tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    answer(options, request, response);
  });
  return { server, port: await listen(server, { host: '127.0.0.1', port: 0 }) };
}

/** The name in the certificate that the connection was made with. */
function callerOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN?.toString() : undefined;
}

function answer(options: KubeletServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [, route, namespace = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
  const isThere = options.pods.get(`${namespace}/${name}`) !== undefined;
  if (callerOf(request) !== API_SERVER) response.writeHead(403).end();
  else if (route !== 'containerLogs' || !isThere) response.writeHead(404).end('no such pod here');
  else sendLog(options, { namespace, name }, url.searchParams, response);
}

function sendLog(
  { clock, pods, podLog }: KubeletServerOptions,
  { namespace, name }: { namespace: string; name: string },
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const asked = logOptions(query, (flag) => query.get(flag) === 'true', clock.now());
  const file = podLog(namespace, name);
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  response.writeHead(200, { 'content-type': 'text/plain' });
  if (!asked.follow) {
    response.end(shown(read(), asked));
    return;
  }
  // whoever follows waits for the answer's head, not for the first line
  response.flushHeaders();
  const following = followLog(read, asked, clock, (text) => response.write(text));
  const unsubscribe = pods.subscribe(({ key }) => {
    if (key !== `${namespace}/${name}` || pods.get(key) !== undefined) return;
    following.finish();
    response.end();
  });
  response.on('close', () => {
    following.cancel();
    unsubscribe();
  });
}
