import type { Clock } from '@aad-pod-identity/runtime';
import { NmiError } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';

export interface PodRateLimit {
  /** Requests a second of one address in the long run; 0: no limit. */
  readonly perSecond: number;
  readonly clock: Clock;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** So many seconds' worth may come at once. */
const BURST_SECONDS = 2;
const MAX_ADDRESSES = 10_000;

/** Counts a request of an address. @throws NmiError `tooManyOfPod` once it has used up its share. */
export function podRateLimit({ perSecond, clock }: PodRateLimit): (address: string) => void {
  if (perSecond === 0) return () => undefined;
  const burst = perSecond * BURST_SECONDS;
  const buckets = new Map<string, Bucket>();

  function bucketOf(address: string, now: number): Bucket {
    const known = buckets.get(address);
    if (known !== undefined) return known;
    const bucket = { tokens: burst, filledAt: now };
    buckets.set(address, bucket);
    keepNewest(buckets, MAX_ADDRESSES);
    return bucket;
  }

  return (address) => {
    const now = clock.monotonic();
    const bucket = bucketOf(address, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < 1) throw new NmiError('tooManyOfPod');
    bucket.tokens--;
  };
}
