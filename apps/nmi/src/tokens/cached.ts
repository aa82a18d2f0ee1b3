import type { ImdsToken } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import { asNmiError } from '../errors.ts';
import { singleFlight } from './single-flight.ts';
import type { TokenSource } from './token-source.ts';

export interface CacheOptions<R> {
  /** Must tell apart whatever may get another token. */
  readonly keyOf: (request: R) => string;
  readonly clock: Clock;
  /** Tokens kept; the one that was not used for longest goes first. */
  readonly maxTokens?: number;
}

interface Entry {
  readonly token: ImdsToken;
  /** When to ask again, in wall-clock milliseconds: at half of what was left when it came. */
  readonly refreshAt: number;
}

const MAX_TOKENS = 2_000;

/** Whether a failure says nothing about the grant, so that a token that still holds may be served. */
function mayPass(error: unknown): boolean {
  const { code } = asNmiError(error);
  return code === 'upstreamUnavailable' || code === 'throttled';
}

/**
 * Remembers the tokens of `source`, and lets identical requests share one call. It knows nothing of grants: whether the
 * caller may have a token is decided before, on every request.
 */
export function cached<R>(source: TokenSource<R>, options: CacheOptions<R>): TokenSource<R> {
  const { keyOf, clock, maxTokens = MAX_TOKENS } = options;
  const entries = new Map<string, Entry>();

  function remember(key: string, token: ImdsToken): void {
    const now = clock.now();
    entries.delete(key);
    entries.set(key, { token, refreshAt: now + (token.expiresOn * 1000 - now) / 2 });
    for (const oldest of entries.keys()) {
      if (entries.size <= maxTokens) return;
      entries.delete(oldest);
    }
  }

  function touch(key: string): Entry | undefined {
    const entry = entries.get(key);
    entries.delete(key);
    if (entry === undefined || entry.token.expiresOn * 1000 <= clock.now()) return undefined;
    entries.set(key, entry);
    return entry;
  }

  const fetch = singleFlight(async (request: R, signal: AbortSignal) => {
    const token = await source(request, signal);
    remember(keyOf(request), token);
    return token;
  }, keyOf);

  return async (request, signal) => {
    const entry = touch(keyOf(request));
    if (entry !== undefined && clock.now() < entry.refreshAt) return entry.token;
    try {
      return await fetch(request, signal);
    } catch (error) {
      if (entry !== undefined && mayPass(error) && entry.token.expiresOn * 1000 > clock.now()) return entry.token;
      throw error;
    }
  };
}
