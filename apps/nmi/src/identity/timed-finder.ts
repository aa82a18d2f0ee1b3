import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import type { IdentityFinder } from './find-identity.ts';

const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 80, 100];

/** Shorter than any wait: what was found at once is not counted. */
const AT_ONCE_MS = 1;

/** `find`, with the time that requests waited for an identity. */
export function timedFinder(find: IdentityFinder, metrics: Metrics, clock: Clock): IdentityFinder {
  const waits = metrics.histogram({
    name: 'nmi_identity_wait_seconds',
    help: 'Time that requests waited for an identity that was not usable at once, by what came of it.',
    labels: ['result'],
    buckets: BUCKETS,
  });
  // Series that are there from the start can be counted on, and do not look like growth.
  for (const result of ['found', 'missed']) waits.zero({ result });
  return async (pod, selector, request) => {
    const startedAt = clock.monotonic();
    const observe = (result: 'found' | 'missed'): void => {
      const waitedMs = clock.monotonic() - startedAt;
      if (waitedMs > AT_ONCE_MS) waits.observe({ result }, waitedMs / 1000);
    };
    try {
      const found = await find(pod, selector, request);
      observe('found');
      return found;
    } catch (error) {
      observe('missed');
      throw error;
    }
  };
}
