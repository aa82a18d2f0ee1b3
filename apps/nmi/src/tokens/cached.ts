import type { ImdsToken } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import { asNmiError } from '../errors.ts';
import type { Purgeable } from './purge.ts';
import { refreshTimes, type RefreshTimes } from './refresh-time.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { singleFlight } from './single-flight.ts';
import { type Kept, TokenShelf } from './token-shelf.ts';
import type { TokenSource } from './token-source.ts';

/** How a request ended in the cache, for metrics. */
export const CACHE_RESULTS = ['hit', 'miss', 'refused', 'refreshed', 'refresh_failed'] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];

export interface CacheOptions<R> {
  /** Must tell apart whatever may get another token. */
  readonly keyOf: (request: R) => string;
  /** UID of the AzureIdentity that a request is for; empty for the node's own identities. */
  readonly ownerOf: (request: R) => string;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly maxTokens?: number;
  readonly maxBytes?: number;
  readonly onResult?: (result: CacheResult) => void;
}

const MAX_TOKENS = 2_000;
const MAX_BYTES = 16 * 1024 * 1024;

const expiryMs = ({ expiresOn }: ImdsToken): number => expiresOn * 1000;

/**
 * Remembers the tokens of a source, and lets identical requests share one call. A token that holds is answered at once,
 * always; it is renewed in the background, before half of its life is over, while somebody uses it. The cache knows
 * nothing of grants: whether the caller may have a token is decided before, on every request.
 */
export class TokenCache<R> implements Purgeable {
  readonly #options: CacheOptions<R>;
  readonly #fetch: TokenSource<R>;
  readonly #shelf: TokenShelf<R>;
  readonly #refusals: Refusals;
  readonly #times: RefreshTimes;
  readonly #closed = new AbortController();

  constructor(source: TokenSource<R>, options: CacheOptions<R>) {
    const { keyOf, clock, random, maxTokens = MAX_TOKENS, maxBytes = MAX_BYTES } = options;
    this.#options = options;
    this.#fetch = singleFlight(source, keyOf);
    this.#shelf = new TokenShelf({ maxTokens, maxBytes });
    this.#refusals = createRefusals(clock);
    this.#times = refreshTimes(random);
  }

  get size(): number {
    return this.#shelf.size;
  }

  readonly get: TokenSource<R> = async (request, signal) => {
    const key = this.#options.keyOf(request);
    const token = this.#keptToken(key);
    const refusal = token === undefined ? this.#refusals.get(key) : undefined;
    this.#options.onResult?.(token !== undefined ? 'hit' : refusal === undefined ? 'miss' : 'refused');
    if (refusal !== undefined) throw refusal;
    return token ?? this.#ask(request, key, signal);
  };

  readonly forgetRefusals = (owner: string): void => {
    this.#refusals.forget(owner);
  };

  readonly forget = (owner: string): void => {
    this.#refusals.forget(owner);
    this.#shelf.removeIf((kept) => kept.owner === owner);
  };

  close(): void {
    this.#closed.abort(new DOMException('the cache is closed', 'AbortError'));
    this.#shelf.removeIf(() => true);
  }

  #keptToken(key: string): ImdsToken | undefined {
    const kept = this.#shelf.get(key);
    if (kept === undefined) return undefined;
    const now = this.#options.clock.now();
    if (expiryMs(kept.token) <= now) {
      this.#shelf.remove(key);
      return undefined;
    }
    this.#shelf.touch(kept, now);
    if (now >= kept.refreshAt) void this.#renew(kept);
    return kept.token;
  }

  async #ask(request: R, key: string, signal: AbortSignal): Promise<ImdsToken> {
    try {
      const token = await this.#fetch(request, signal);
      if (this.#shelf.get(key) === undefined) this.#keep(request, key, token);
      return token;
    } catch (error) {
      if (!signal.aborted) this.#refusals.note(key, this.#options.ownerOf(request), error);
      throw error;
    }
  }

  #keep(request: R, key: string, token: ImdsToken): void {
    const now = this.#options.clock.now();
    const left = expiryMs(token) - now;
    if (left <= 0) return;
    const kept: Kept<R> = {
      ...{ key, owner: this.#options.ownerOf(request), request, token },
      ...{ refreshAt: 0, failures: 0, lastUsed: now, lifeMs: left, cancel: () => undefined },
    };
    this.#shelf.put(kept);
    if (this.#shelf.get(key) === kept) this.#renewIn(kept, this.#times.afterToken(left, false));
  }

  #renewIn(kept: Kept<R>, waitMs: number): void {
    const { clock } = this.#options;
    kept.cancel();
    kept.refreshAt = clock.now() + waitMs;
    kept.cancel = clock.schedule(waitMs, () => {
      if (clock.now() - kept.lastUsed <= kept.lifeMs) void this.#renew(kept);
    });
  }

  async #renew(kept: Kept<R>): Promise<void> {
    kept.refreshAt = Infinity;
    try {
      const token = await this.#fetch(kept.request, this.#closed.signal);
      if (this.#shelf.get(kept.key) === kept) this.#renewed(kept, token);
    } catch (error) {
      if (this.#closed.signal.aborted || this.#shelf.get(kept.key) !== kept) return;
      this.#renewIn(kept, this.#times.afterFailure(kept.failures++, asNmiError(error).retryAfterMs));
      this.#options.onResult?.('refresh_failed');
    }
  }

  #renewed(kept: Kept<R>, token: ImdsToken): void {
    const left = expiryMs(token) - this.#options.clock.now();
    const same = token.expiresOn === kept.token.expiresOn;
    this.#shelf.replaceToken(kept, token);
    kept.failures = 0;
    kept.lifeMs = Math.max(kept.lifeMs, left);
    this.#renewIn(kept, this.#times.afterToken(left, same));
    this.#options.onResult?.('refreshed');
  }
}
