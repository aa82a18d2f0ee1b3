import type { ImdsToken } from '@aad-pod-identity/imds';
import { fakeClock } from '@aad-pod-identity/testing';
import { type CacheOptions, TokenCache } from '../src/tokens/cached.ts';

const LIFE_S = 1_000;
const NEVER = new AbortController().signal;

/** A token cache over a source that the test holds, fails and counts. Tokens live 1,000 s and are named by their call. */
export function aTokenCache(
  limits: Pick<CacheOptions<string>, 'maxTokens' | 'maxBytes'> & { sharedExpiry?: number } = {},
) {
  const clock = fakeClock({ now: 0 });
  const calls: string[] = [];
  let failure: Error | undefined;
  let gate: Promise<void> = Promise.resolve();
  const source = async (request: string, signal: AbortSignal): Promise<ImdsToken> => {
    calls.push(request);
    const accessToken = `${request}#${calls.length}`;
    await gate;
    if (signal.aborted) throw signal.reason as Error;
    if (failure !== undefined) throw failure;
    const now = Math.floor(clock.now() / 1000);
    const expiresOn = limits.sharedExpiry ?? now + LIFE_S;
    return { accessToken, clientId: 'c', expiresOn, notBefore: now, resource: 'r', tokenType: 'Bearer' };
  };
  const results: string[] = [];
  const cache = new TokenCache(source, {
    ...{ keyOf: (request) => request, ownerOf: ([owner = '']) => owner, clock, random: () => 1, ...limits },
    onResult: (result) => results.push(result),
  });
  return {
    ...{ cache, clock, calls, results },
    get: async (request: string, signal = NEVER) => (await cache.get(request, signal)).accessToken,
    failWith: (error: Error | undefined) => {
      failure = error;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise;
      return () => {
        resolve(undefined);
      };
    },
  };
}
