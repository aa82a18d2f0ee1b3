import { redactId } from '@aad-pod-identity/runtime';
import type { Exchange } from './exchange.ts';
import { grantByObjectId } from './identity/by-object-id.ts';
import type { FoundIdentity, IdentityFinder } from './identity/find-identity.ts';
import { type Grant, nameOf } from './identity/grant.ts';
import { heavierIsComing } from './identity/select-identity.ts';
import type { Pod } from './pod.ts';
import type { TokenRequest } from './token-request.ts';
import type { Tokens, TokenService } from './tokens/token-service.ts';

export interface ObtainOptions {
  readonly findIdentity: IdentityFinder;
  readonly tokens: TokenService;
}

/** The line that operators look for, in the original's form. */
function logMatch({ identity: { spec } }: Grant, resource: string, { log }: Exchange): void {
  log.info(`matched identityType:${spec.type} clientid:${redactId(spec.clientID)} resource:${resource}`);
}

function logPassedOver(found: FoundIdentity, { log }: Exchange): void {
  if (!heavierIsComing(found)) return;
  log.warn('a heavier identity is not assigned yet, the best assigned one answers', {
    answers: nameOf(found.assigned[0].identity),
    pending: found.pending.map(({ identity }) => nameOf(identity)).join(','),
  });
}

/** Tokens of an identity that is bound to `pod` and fits the request. */
export async function obtainTokens(
  pod: Pod,
  { selector, resource }: TokenRequest,
  exchange: Exchange,
  { findIdentity, tokens }: ObtainOptions,
): Promise<Tokens> {
  const tokensOf = ({ identity }: Grant) => tokens.forIdentity(identity, resource, exchange.signal);
  if (selector.by === 'objectId') {
    const find = (asked: ReadonlySet<string>) => findIdentity(pod, { ...selector, asked }, exchange);
    const match = await grantByObjectId(find, selector.id, tokensOf);
    logMatch(match.grant, resource, exchange);
    return match.tokens;
  }
  const found = await findIdentity(pod, selector, exchange);
  logPassedOver(found, exchange);
  logMatch(found.assigned[0], resource, exchange);
  return tokensOf(found.assigned[0]);
}
