import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Claim } from './claim.ts';
import type { LockCall } from './lock.ts';

/**
 * How long a lease of `durationMs` is held without a renewal, and how often it is renewed. A leader stops before the
 * lease can have run out for others; a standby looks often, for a lease that was given back is to be taken at once.
 */
export const renewDeadlineMs = (durationMs: number): number => (durationMs * 2) / 3;
export const renewEveryMs = (durationMs: number): number => durationMs / 5;
export const lookEveryMs = (durationMs: number): number => durationMs / 15;

const RELEASE_TIMEOUT_MS = 3_000;

/**
 * Takes all of them, always in the same order, so that two instances never hold one each and wait for the other's. Those
 * after one that is somebody else's are looked at: the time in which they do not change counts from now.
 * @throws KubeError
 */
export async function claimAll(claims: readonly Claim[], call: LockCall): Promise<boolean> {
  for (const [index, claim] of claims.entries()) {
    if ((await claim.claim(call)) === 'mine') continue;
    await Promise.all(claims.slice(index + 1).map((later) => later.look(call)));
    return false;
  }
  return true;
}

/** In the opposite order: who takes the first then finds all of them free. */
export async function releaseAll(claims: readonly Claim[], logger: Logger): Promise<void> {
  for (const claim of [...claims].reverse()) {
    try {
      await claim.release({ timeoutMs: RELEASE_TIMEOUT_MS });
    } catch (error) {
      logger.warn('the lease could not be released; it runs out by itself', { lease: claim.name, err: error });
    }
  }
}

/** Until when all of them are held for sure, on the monotonic clock. */
export function heldUntil(claims: readonly Claim[], durationMs: number): number {
  return Math.min(...claims.map((claim) => claim.renewedAt())) + renewDeadlineMs(durationMs);
}

export interface RenewOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly durationMs: number;
}

/** Renews until that fails for too long or somebody else has it, or until `stop` aborts. */
export async function renew(claim: Claim, options: RenewOptions, stop: AbortSignal): Promise<'lost' | 'stopped'> {
  const { clock, logger, durationMs } = options;
  for (;;) {
    await clock.sleep(renewEveryMs(durationMs), stop).catch(() => undefined);
    if (stop.aborted) return 'stopped';
    const leftMs = heldUntil([claim], durationMs) - clock.monotonic();
    if (leftMs <= 0) return 'lost';
    try {
      // half of what is left, so that a call that hangs leaves time for another on a new connection
      if ((await claim.claim({ signal: stop, timeoutMs: Math.max(leftMs / 2, 1) })) === 'theirs') return 'lost';
    } catch (error) {
      if (error !== stop.reason) logger.warn('the lease could not be renewed', { lease: claim.name, err: error });
    }
  }
}
