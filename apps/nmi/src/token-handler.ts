import { type ImdsToken, JSON_CONTENT_TYPE, renderTokenBody } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import type { CallerFinder } from './caller.ts';
import type { Exchange, Handler, Reply } from './exchange.ts';
import { type ObtainOptions, obtainTokens } from './obtain-tokens.ts';
import type { Pod } from './pod.ts';
import { readTokenRequest, requireMetadataHeaders, type TokenRequest } from './token-request.ts';
import type { Tokens } from './tokens/token-service.ts';

export interface TokenHandlerOptions extends ObtainOptions {
  readonly metadataHeaderRequired: boolean;
  readonly findCaller: CallerFinder;
  /** Why the pod gets the node's own identities; undefined for nearly all pods. */
  readonly exceptionFor: (pod: Pod) => string | undefined;
  readonly clock: Clock;
}

export function tokenReply(body: string): Reply {
  return { status: 200, headers: { 'Content-Type': JSON_CONTENT_TYPE }, body };
}

/** One token as IMDS answers it; those of several tenants as a JSON array. */
function render(tokens: Tokens, resource: string, now: number): string {
  const bodies = tokens.map((token: ImdsToken) =>
    renderTokenBody(token.resource === resource ? token : { ...token, resource }, now),
  );
  return bodies.length === 1 ? bodies.join() : `[${bodies.join(',')}]`;
}

/** A token request from its first byte to its answer, top to bottom. */
export function createTokenHandler(options: TokenHandlerOptions): Handler {
  return async (exchange) => {
    requireMetadataHeaders(exchange.headers, options.metadataHeaderRequired);
    const request = readTokenRequest(exchange.query);
    const pod = await options.findCaller(exchange);
    exchange.seen.namespace = pod.namespace;
    const reason = options.exceptionFor(pod);
    const tokens =
      reason === undefined
        ? await obtainTokens(pod, request, exchange, options)
        : await nodeTokens(reason, request, exchange, options);
    exchange.seen.resource = request.resource;
    return tokenReply(render(tokens, request.resource, options.clock.now()));
  };
}

async function nodeTokens(
  reason: string,
  { selector, resource }: TokenRequest,
  { log, signal }: Exchange,
  { tokens }: TokenHandlerOptions,
): Promise<Tokens> {
  log.info('the pod is excepted, the node itself is asked', { reason });
  return [await tokens.forNode(selector, resource, signal)];
}
