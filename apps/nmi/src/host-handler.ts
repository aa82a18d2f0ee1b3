import { renderTokenBody } from '@aad-pod-identity/imds';
import { namespacedName, type Store } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from './errors.ts';
import type { Exchange, Handler } from './exchange.ts';
import { type ObtainOptions, obtainTokens } from './obtain-tokens.ts';
import { normalAddress, type Pod } from './pod.ts';
import { tokenReply } from './token-handler.ts';
import { readTokenRequest } from './token-request.ts';

export interface HostHandlerOptions extends ObtainOptions {
  readonly pods: Store<Pod>;
  readonly clock: Clock;
}

/** The node's drivers ask for their pods. Exactly these: a pod may hold any other address of 127.0.0.0/8 in no case. */
const HOST_ADDRESSES: ReadonlySet<string | undefined> = new Set(['127.0.0.1', '::1']);

/** A driver asks right when the pod starts; the watch may be a moment behind. */
const POD_WAIT_MS = 1_200;

function podNamed({ headers }: Exchange): string {
  const { podname: name, podns: namespace } = headers;
  if (typeof name !== 'string' || typeof namespace !== 'string' || name === '' || namespace === '') {
    throw new NmiError('hostHeadersMissing');
  }
  return namespacedName({ namespace, name });
}

/** `/host/token`: a token for a pod that the caller names, because the caller is the node itself. */
export function createHostHandler(options: HostHandlerOptions): Handler {
  const { pods, clock } = options;
  return async (exchange) => {
    if (!HOST_ADDRESSES.has(normalAddress(exchange.remoteAddress ?? ''))) throw new NmiError('hostCallerForbidden');
    const key = podNamed(exchange);
    const request = readTokenRequest(exchange.query);
    const wait = { timeoutMs: POD_WAIT_MS, signal: exchange.signal, clock };
    const pod = pods.get(key) ?? (await pods.waitFor(() => pods.get(key), wait));
    if (pod === undefined) throw new NmiError('hostPodUnknown');
    exchange.seen.namespace = pod.namespace;
    const [token] = await obtainTokens(pod, request, exchange, options);
    exchange.seen.resource = request.resource;
    const body = renderTokenBody({ ...token, resource: request.resource }, clock.now());
    return tokenReply(`{"token":${body},"clientid":${JSON.stringify(token.clientId)}}`);
  };
}
