import type { Clock } from '@aad-pod-identity/runtime';
import { isKubeError } from '../errors.ts';
import type { Lock, LockCall, LockRecord, ReadLock } from './lock.ts';

export interface ClaimOptions {
  readonly lock: Lock;
  readonly identity: string;
  readonly durationMs: number;
  readonly clock: Clock;
  readonly onHolder: (holder: string) => void;
}

export type ClaimResult = 'mine' | 'theirs';

/** One instance's hold on one lock. */
export interface Claim {
  readonly name: string;
  /**
   * Tries to take or renew the lock.
   * @throws KubeError when the API did not tell; that says nothing about who leads
   */
  claim(call: LockCall): Promise<ClaimResult>;
  /** Only looks, so that a lock that runs out is noticed in time. @throws KubeError */
  look(call: LockCall): Promise<void>;
  /** Gives the lock back, if it is still ours, so that another instance need not wait for it to run out. */
  release(call: LockCall): Promise<void>;
  /** Since when the lock is held for sure, on the monotonic clock: the beginning of the last claim that succeeded. */
  renewedAt(): number;
  /** Whether the lock may be ours, for all that is known: a write that was given up on may have been done. */
  mayBeHeld(): boolean;
}

/** Somebody may write at the same moment, and it may have been this instance, in a call that it gave up on. */
const ATTEMPTS = 2;

/**
 * The holder's own clock is never believed: a lease is over when it has not changed for its duration as this instance
 * saw it.
 */
export function createClaim(options: ClaimOptions): Claim {
  const { lock, identity, clock } = options;
  let seen: { readonly renewTime: string; readonly holder: string; readonly at: number } | undefined;
  let renewedAt = -Infinity;
  let mayBeHeld = false;

  const observe = ({ record: { holder, renewTime } }: ReadLock): void => {
    if (seen?.holder === holder && seen.renewTime === renewTime) return;
    if (seen?.holder !== holder && holder !== '') options.onHolder(holder);
    seen = { holder, renewTime, at: clock.monotonic() };
  };

  const isOver = ({ record }: ReadLock): boolean =>
    record.holder === '' || clock.monotonic() - (seen?.at ?? clock.monotonic()) >= record.durationMs;

  const attempt = async (call: LockCall): Promise<ClaimResult | 'beaten'> => {
    const found = await lock.read(call);
    if (found !== undefined) {
      observe(found);
      if (found.record.holder !== identity && !isOver(found)) return 'theirs';
    }
    mayBeHeld = true;
    if (found === undefined) return unlessBeaten(() => lock.create(fresh(options), call));
    return unlessBeaten(() => lock.update(next(options, found.record), found, call));
  };

  return {
    name: lock.name,
    async claim(call) {
      const startedAt = clock.monotonic();
      for (let left = ATTEMPTS; left > 0; left--) {
        const result = await attempt(call);
        if (result === 'beaten') continue;
        mayBeHeld = result === 'mine';
        renewedAt = mayBeHeld ? startedAt : -Infinity;
        return result;
      }
      return 'theirs';
    },
    async look(call) {
      const found = await lock.read(call);
      if (found !== undefined) observe(found);
    },
    async release(call) {
      const found = await lock.read(call);
      if (found?.record.holder !== identity) return;
      const renewTime = microTime(clock.now());
      await lock.update({ ...found.record, holder: '', durationMs: 1000, renewTime }, found, call);
    },
    renewedAt: () => renewedAt,
    mayBeHeld: () => mayBeHeld,
  };
}

/** What somebody else wrote at the same moment is to be read before anything is said. */
async function unlessBeaten(write: () => Promise<void>): Promise<'mine' | 'beaten'> {
  try {
    await write();
    return 'mine';
  } catch (error) {
    if (isKubeError(error, 'conflict', 'alreadyExists')) return 'beaten';
    throw error;
  }
}

function fresh({ identity, durationMs, clock }: ClaimOptions): LockRecord {
  const now = microTime(clock.now());
  return { holder: identity, durationMs, acquireTime: now, renewTime: now, transitions: 0 };
}

function next(options: ClaimOptions, { holder, acquireTime, transitions }: LockRecord): LockRecord {
  const record = fresh(options);
  return holder === options.identity
    ? { ...record, acquireTime, transitions }
    : { ...record, transitions: transitions + 1 };
}

/** Kubernetes' MicroTime. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
