import { NmiError } from '../errors.ts';
import { claimsOf } from '../tokens/claims.ts';
import type { Tokens } from '../tokens/token-service.ts';
import type { Grant } from './grant.ts';

/**
 * Which of the grants has that object id. No object of the cluster holds it, so the tokens that the caller could have
 * anyway are asked.
 * @throws NmiError `identityNotFound`, or what kept a token from being looked at
 */
export async function grantByObjectId(
  grants: readonly Grant[],
  objectId: string,
  tokensOf: (grant: Grant) => Promise<Tokens>,
): Promise<{ grant: Grant; tokens: Tokens }> {
  let failure: unknown = new NmiError('identityNotFound');
  for (const grant of grants) {
    try {
      const tokens = await tokensOf(grant);
      if (claimsOf(tokens[0].accessToken).objectId === objectId.toLowerCase()) return { grant, tokens };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
