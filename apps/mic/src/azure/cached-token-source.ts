import type { TokenSource } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';

type Token = Awaited<ReturnType<TokenSource['getToken']>>;

interface Held {
  readonly token: Token;
  /** Both in monotonic milliseconds: the wall clock may be set while a token is held. */
  readonly since: number;
  readonly until: number;
}

const SECOND = 1000;
/** A token is renewed this long before its end, and goes on being used meanwhile, and if that fails. */
const RENEW_BEFORE_MS = 5 * 60 * SECOND;
/** So near to its end a token may be refused by the time it arrives. */
const USELESS_BEFORE_MS = 30 * SECOND;
/** A renewal that failed is tried again after that; and one that is refused so early will not be better the next time. */
const REST_MS = 10 * SECOND;

/** One token per audience, kept until shortly before its end; those who ask while one is on its way share it. */
class CachedTokens implements TokenSource {
  readonly #source: TokenSource;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  readonly #pending = new Map<string, Promise<Token>>();
  #renewedAt = -Infinity;

  constructor(source: TokenSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  async getToken(audience: string): Promise<Token> {
    const held = this.#held.get(audience);
    const now = this.#clock.monotonic();
    if (held === undefined || held.until - now < USELESS_BEFORE_MS) return this.#renew(audience);
    if (held.until - now <= RENEW_BEFORE_MS && now - this.#renewedAt >= REST_MS) {
      this.#renew(audience).catch(() => undefined);
    }
    return held.token;
  }

  refused(audience: string, token: string): void {
    const held = this.#held.get(audience);
    if (held?.token.token !== token || this.#clock.monotonic() - held.since < REST_MS) return;
    this.#held.delete(audience);
  }

  #renew(audience: string): Promise<Token> {
    const running = this.#pending.get(audience);
    if (running !== undefined) return running;
    this.#renewedAt = this.#clock.monotonic();
    // Not the caller's signal: others may be waiting for the same token.
    const next = this.#source
      .getToken(audience)
      .then((token) => {
        const since = this.#clock.monotonic();
        this.#held.set(audience, { token, since, until: since + token.expiresOn * SECOND - this.#clock.now() });
        return token;
      })
      .finally(() => this.#pending.delete(audience));
    this.#pending.set(audience, next);
    return next;
  }
}

export function cached(source: TokenSource, clock: Clock): TokenSource {
  return new CachedTokens(source, clock);
}
