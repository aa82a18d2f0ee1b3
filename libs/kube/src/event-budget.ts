import type { Clock } from '@aad-pod-identity/runtime';
import type { EventInput } from './event-recorder.ts';

/** An object in trouble may say so 25 times at once and then every five minutes, as in Kubernetes' own components. */
const PER_OBJECT = { burst: 25, refillMs: 5 * 60_000 };
/**
 * All objects together: whatever happens to a whole cluster at once must not cost the API more than that. Warnings and
 * the others apart: where a thousand pods get theirs, the one that does not is what people look for.
 */
const OVERALL = { burst: 200, refillMs: 200 };
const MAX_OBJECTS = 4_096;

interface Bucket {
  tokens: number;
  at: number;
}

function take(bucket: Bucket, { burst, refillMs }: typeof OVERALL, now: number): boolean {
  bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/** How many events may be written, for each object and in all. */
export function createBudget(clock: Clock): { allows(event: Pick<EventInput, 'regarding' | 'type'>): boolean } {
  const full = (): Bucket => ({ tokens: OVERALL.burst, at: clock.monotonic() });
  const overall = { Normal: full(), Warning: full() };
  const objects = new Map<string, Bucket>();
  return {
    allows: ({ regarding: { kind, namespace, name, uid }, type }) => {
      const now = clock.monotonic();
      const key = JSON.stringify([kind, namespace, name, uid]);
      const bucket = objects.get(key) ?? { tokens: PER_OBJECT.burst, at: now };
      objects.delete(key);
      objects.set(key, bucket);
      for (const oldest of objects.keys()) {
        if (objects.size <= MAX_OBJECTS) break;
        objects.delete(oldest);
      }
      return take(bucket, PER_OBJECT, now) && take(overall[type], OVERALL, now);
    },
  };
}
