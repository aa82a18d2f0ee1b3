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

/**
 * Tries to take or renew the lock, once per call. The holder's own clock is never believed: a lease is over when it has
 * not changed for its duration as this instance saw it.
 */
export function createClaim(options: ClaimOptions) {
  const { lock, identity, clock } = options;
  let seen: { readonly renewTime: string; readonly holder: string; readonly at: number } | undefined;

  const observe = ({ record: { holder, renewTime } }: ReadLock): void => {
    if (seen?.holder === holder && seen.renewTime === renewTime) return;
    if (seen?.holder !== holder && holder !== '') options.onHolder(holder);
    seen = { holder, renewTime, at: clock.monotonic() };
  };

  const isOver = ({ record }: ReadLock): boolean =>
    record.holder === '' || clock.monotonic() - (seen?.at ?? clock.monotonic()) >= record.durationMs;

  return {
    /** @throws KubeError when the API did not tell; that says nothing about who leads */
    async claim(call: LockCall): Promise<ClaimResult> {
      const found = await lock.read(call);
      if (found === undefined) return writeUnlessBeaten(() => lock.create(fresh(options), call));
      observe(found);
      if (found.record.holder !== identity && !isOver(found)) return 'theirs';
      return writeUnlessBeaten(() => lock.update(next(options, found.record), found, call));
    },
    /** Gives the lock back, if it is still ours, so that another instance need not wait for it to run out. */
    async release(call: LockCall): Promise<void> {
      const found = await lock.read(call);
      if (found?.record.holder !== identity) return;
      const renewTime = microTime(clock.now());
      await lock.update({ ...found.record, holder: '', durationMs: 1000, renewTime }, found, call);
    },
  };
}

/** Somebody else who wrote at the same moment has it. */
async function writeUnlessBeaten(write: () => Promise<void>): Promise<ClaimResult> {
  try {
    await write();
    return 'mine';
  } catch (error) {
    if (isKubeError(error, 'conflict', 'alreadyExists')) return 'theirs';
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
