import { NmiError } from '../errors.ts';
import type { Tokens } from '../tokens/token-service.ts';
import type { Grant } from './grant.ts';

/** The `oid` claim of a JWT, in lower case; undefined for anything else. Nothing is trusted because of it. */
function objectIdIn(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { oid } = (claims ?? {}) as { oid?: unknown };
    return typeof oid === 'string' ? oid.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

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
      if (objectIdIn(tokens[0].accessToken) === objectId.toLowerCase()) return { grant, tokens };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
