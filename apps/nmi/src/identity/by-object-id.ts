import { NmiError } from '../errors.ts';
import { claimsOf } from '../tokens/claims.ts';
import type { Tokens } from '../tokens/token-service.ts';
import type { FoundIdentity } from './find-identity.ts';
import type { Grant } from './grant.ts';

/** What may be used of the grants whose identities, by UID, are not among `asked`; waits like any request. */
type Find = (asked: ReadonlySet<string>) => Promise<Pick<FoundIdentity, 'assigned'>>;

/** Nothing else fits: then what kept a token from being looked at says more. */
function endOf(error: unknown, failure: unknown): unknown {
  return error instanceof NmiError && error.code === 'identityNotFound' ? (failure ?? error) : error;
}

/**
 * The grant that has that object id. No object of the cluster holds it, so the tokens that the caller could have anyway
 * are asked, and those of the identities that are on their way when they have come.
 * @throws NmiError what `find` throws, or what kept a token from being looked at
 */
export async function grantByObjectId(
  find: Find,
  objectId: string,
  tokensOf: (grant: Grant) => Promise<Tokens>,
): Promise<{ grant: Grant; tokens: Tokens }> {
  const asked = new Set<string>();
  let failure: unknown;
  for (;;) {
    const { assigned } = await find(asked).catch((error: unknown) => {
      throw endOf(error, failure);
    });
    for (const grant of assigned) {
      asked.add(grant.identity.metadata.uid);
      try {
        const tokens = await tokensOf(grant);
        if (claimsOf(tokens[0].accessToken).objectId === objectId.toLowerCase()) return { grant, tokens };
      } catch (error) {
        failure = error;
      }
    }
  }
}
