import type { TokenSource } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';

type Token = Awaited<ReturnType<TokenSource['getToken']>>;

/** A token is renewed this long before its end, in seconds, and goes on being used if that fails. */
const RENEW_BEFORE_S = 5 * 60;
/** So near to its end a token may be refused by the time it arrives. */
const USELESS_BEFORE_S = 30;

/** One token per audience, kept until shortly before its end; those who ask while one is on its way share it. */
export function cached(source: TokenSource, clock: Clock): TokenSource {
  const tokens = new Map<string, Token>();
  const pending = new Map<string, Promise<Token>>();

  function renew(audience: string): Promise<Token> {
    const running = pending.get(audience);
    if (running !== undefined) return running;
    // Not the caller's signal: others may be waiting for the same token.
    const next = source
      .getToken(audience)
      .then((token) => {
        tokens.set(audience, token);
        return token;
      })
      .finally(() => pending.delete(audience));
    pending.set(audience, next);
    return next;
  }

  return {
    async getToken(audience) {
      const token = tokens.get(audience);
      const left = (token?.expiresOn ?? 0) - clock.now() / 1000;
      if (token !== undefined && left > RENEW_BEFORE_S) return token;
      if (token === undefined || left < USELESS_BEFORE_S) return renew(audience);
      return renew(audience).catch(() => token);
    },
  };
}
