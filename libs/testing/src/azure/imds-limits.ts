import type { Clock } from '@aad-pod-identity/runtime';

/** What the real service allows one machine to ask for. */
export const IMDS_LIMITS = { perSecond: 20, inFlight: 5 } as const;

/**
 * Admission of identity requests: gives a release function, or undefined above 20 requests within a second or 5 at the
 * same time.
 */
export function imdsLimiter(clock: Clock): () => (() => void) | undefined {
  let recent: number[] = [];
  let inFlight = 0;
  return () => {
    const now = clock.monotonic();
    recent = recent.filter((at) => at > now - 1000);
    if (recent.length >= IMDS_LIMITS.perSecond || inFlight >= IMDS_LIMITS.inFlight) return undefined;
    recent.push(now);
    inFlight += 1;
    return () => {
      inFlight -= 1;
    };
  };
}

export const unlimited = (): (() => void) => () => undefined;
