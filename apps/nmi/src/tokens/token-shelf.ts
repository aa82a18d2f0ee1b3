import type { ImdsToken } from '@aad-pod-identity/imds';

/** A token that is kept, and what is known of its use. Times are wall-clock milliseconds. */
export interface Kept<R> {
  readonly key: string;
  /** UID of the AzureIdentity it is of; empty for the node's own. */
  readonly owner: string;
  readonly request: R;
  token: ImdsToken;
  refreshAt: number;
  failures: number;
  lastUsed: number;
  /** The longest that such a token was seen to live; unused for that long, it is not renewed any more. */
  lifeMs: number;
  /** Cancels the timer of its renewal. */
  cancel: () => void;
}

export interface ShelfLimits {
  readonly maxTokens: number;
  /** Of all tokens' text together. */
  readonly maxBytes: number;
}

/** Kept tokens, bounded in number and size: the one that was not used for longest goes first. */
export class TokenShelf<R> {
  readonly #kept = new Map<string, Kept<R>>();
  readonly #limits: ShelfLimits;
  #bytes = 0;

  constructor(limits: ShelfLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(key: string): Kept<R> | undefined {
    return this.#kept.get(key);
  }

  /** Marks it as the one used last. */
  touch(kept: Kept<R>, now: number): void {
    kept.lastUsed = now;
    this.#kept.delete(kept.key);
    this.#kept.set(kept.key, kept);
  }

  put(kept: Kept<R>): void {
    this.remove(kept.key);
    this.#kept.set(kept.key, kept);
    this.#bytes += kept.token.accessToken.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.maxTokens && this.#bytes <= this.#limits.maxBytes) return;
      this.remove(oldest);
    }
  }

  replaceToken(kept: Kept<R>, token: ImdsToken): void {
    this.#bytes += token.accessToken.length - kept.token.accessToken.length;
    kept.token = token;
  }

  remove(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    kept.cancel();
    this.#bytes -= kept.token.accessToken.length;
    this.#kept.delete(key);
  }

  removeIf(unwanted: (kept: Kept<R>) => boolean): void {
    for (const kept of [...this.#kept.values()]) if (unwanted(kept)) this.remove(kept.key);
  }
}
