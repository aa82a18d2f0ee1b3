import type { Clock } from '@aad-pod-identity/runtime';
import { Bucket } from './bucket.ts';
import type { ArmRequest } from './requests.ts';
import type { WriteTurn } from './types.ts';

/**
 * Four fifths of what ARM takes of one principal in one subscription and region (reads 250 and 25 more a second, writes
 * 200 and 10): what others send with the same principal shows in what ARM says is left.
 */
const READS = { size: 200, perSecond: 20 };
const WRITES = { size: 160, perSecond: 8 };

/** Share of the bucket that a request leaves to those that are more urgent. */
const RESERVES: Readonly<Record<ArmRequest, number>> = { write: 0, read: 0, poll: 0.25, lookup: 0.5 };
/** Share that is left to others of what ARM says remains, so that nobody comes to its end. */
const LEFT_TO_OTHERS = 0.1;

/** How many requests go to ARM, for each subscription, reads and writes apart. */
export interface ArmBudget {
  /** Waits until one request may go. @throws the signal's reason once that aborts */
  take(subscriptionId: string, request: ArmRequest, signal?: AbortSignal): Promise<void>;
  /** One that was taken will not go. */
  giveBack(subscriptionId: string, request: ArmRequest): void;
  /** ARM says how many requests of that sort it still takes. */
  learn(subscriptionId: string, request: ArmRequest, remaining: number): void;
  /** ARM wants no request of that sort for so long, nor any that is less urgent. */
  close(subscriptionId: string, request: ArmRequest, ms: number): void;
}

export function createBudget(clock: Clock): ArmBudget {
  const buckets = new Map<string, Bucket>();
  const limitsOf = (request: ArmRequest) => (request === 'write' ? WRITES : READS);

  function bucketOf(subscriptionId: string, request: ArmRequest): Bucket {
    const limits = limitsOf(request);
    const key = `${limits === WRITES ? 'write' : 'read'} ${subscriptionId.toLowerCase()}`;
    const bucket = buckets.get(key) ?? new Bucket({ clock, ...limits });
    buckets.set(key, bucket);
    return bucket;
  }

  const reserveOf = (request: ArmRequest): number => RESERVES[request] * limitsOf(request).size;

  return {
    take: (subscriptionId, request, signal) => bucketOf(subscriptionId, request).take(reserveOf(request), signal),
    giveBack(subscriptionId, request) {
      bucketOf(subscriptionId, request).giveBack();
    },
    learn(subscriptionId, request, remaining) {
      bucketOf(subscriptionId, request).atMost(remaining - LEFT_TO_OTHERS * limitsOf(request).size);
    },
    close(subscriptionId, request, ms) {
      bucketOf(subscriptionId, request).close(reserveOf(request), ms);
    },
  };
}

/** Waits for the turn of a write. @throws the signal's reason once that aborts */
export async function takeWriteTurn(
  budget: ArmBudget,
  subscriptionId: string,
  signal: AbortSignal | undefined,
): Promise<WriteTurn> {
  await budget.take(subscriptionId, 'write', signal);
  let isHeld = true;
  const spend = (): boolean => {
    const wasHeld = isHeld;
    isHeld = false;
    return wasHeld;
  };
  return {
    spend,
    giveBack: () => {
      if (spend()) budget.giveBack(subscriptionId, 'write');
    },
  };
}
