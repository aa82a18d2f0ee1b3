import type { Clock } from '@aad-pod-identity/runtime';
import { armFailure } from './arm-replies.ts';
import { sameKey } from './ids.ts';
import type { Reply } from './service.ts';

/** What ARM takes of one subscription: so many requests at once, and so many more a second. */
export interface ArmLimit {
  readonly size: number;
  readonly perSecond: number;
}

/** Reads and writes are counted apart; undefined: no limit, and no header. */
export interface ArmLimits {
  readonly reads?: ArmLimit;
  readonly writes?: ArmLimit;
}

interface Count {
  left: number;
  at: number;
}

const subscriptionOf = (path: string): string => sameKey(/^\/subscriptions\/([^/]+)/i.exec(path)?.[1] ?? '');

/** Counts requests as ARM's front door does, and says in a header of each answer what is left. */
export class ArmLimiter {
  readonly #clock: Clock;
  readonly #limits: () => ArmLimits;
  readonly #counts = new Map<string, Count>();

  constructor(clock: Clock, limits: () => ArmLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The answer with its header, or 429 in its place. */
  async limited(method: string, path: string, run: () => Reply | Promise<Reply>): Promise<Reply> {
    const kind = method === 'GET' ? 'reads' : 'writes';
    const limit = this.#limits()[kind];
    if (limit === undefined) return run();
    const count = this.#count(`${kind} ${subscriptionOf(path)}`, limit);
    if (count.left < 1) return this.#refusal(limit, count);
    count.left -= 1;
    const remaining = { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(count.left)) };
    const reply = await run();
    return { ...reply, headers: { ...reply.headers, ...remaining } };
  }

  #count(key: string, { size, perSecond }: ArmLimit): Count {
    const now = this.#clock.monotonic();
    const count = this.#counts.get(key) ?? { left: size, at: now };
    this.#counts.set(key, count);
    count.left = Math.min(size, count.left + ((now - count.at) / 1000) * perSecond);
    count.at = now;
    return count;
  }

  #refusal({ perSecond }: ArmLimit, { left }: Count): Reply {
    const seconds = Math.max(1, Math.ceil((1 - left) / perSecond));
    const reply = armFailure(429, 'SubscriptionRequestsThrottled', 'Number of requests exceeded the limit.');
    return { ...reply, headers: { 'retry-after': String(seconds) }, note: 'over the limit' };
  }
}
