import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { KubeClient } from '../client.ts';
import { type Claim, createClaim } from './claim.ts';
import { claimAll, heldUntil, lookEveryMs, releaseAll, renew, renewDeadlineMs } from './claims.ts';
import { createEndpointsLock } from './endpoints-lock.ts';
import { createLeaseLock } from './lease-lock.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this instance; two with the same would both lead. */
  readonly identity: string;
  /** How long a lease is valid; it is renewed every fifth of it, and given up after two thirds without a renewal. */
  readonly durationMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the Endpoints lock of the same name has to be held as well, for programs that know no Lease. */
  readonly endpointsLock?: boolean;
  /** The leader's work. It must end soon after `signal` aborts: until it has, nothing is released. */
  readonly onStarted: (signal: AbortSignal) => Promise<void>;
  readonly onStopped?: () => void;
  readonly onNewLeader?: (identity: string) => void;
}

export interface LeaderElector {
  /**
   * Waits for the leadership, leads, and waits again if it is lost, until `signal` aborts or the work ends by itself.
   * @throws what the work threw
   */
  run(signal: AbortSignal): Promise<void>;
  isLeader(): boolean;
  /**
   * Whether nobody else can lead at this moment. `signal` of the work says the same as soon as it can; a process that
   * was stopped for a while has to ask, for its timers come late.
   */
  mayWrite(): boolean;
}

function createClaims(options: LeaderElectorOptions): Claim[] {
  const { client, namespace, name, logger, endpointsLock = false } = options;
  const ref = { namespace, name };
  const locks = [createLeaseLock(client, ref), ...(endpointsLock ? [createEndpointsLock(client, ref)] : [])];
  return locks.map((lock) =>
    createClaim({
      ...options,
      lock,
      onHolder: (holder) => {
        logger.info('leader elected', { lease: lock.name, holder });
        options.onNewLeader?.(holder);
      },
    }),
  );
}

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { logger, clock, durationMs } = options;
  const claims = createClaims(options);
  let leading = false;
  return {
    isLeader: () => leading,
    mayWrite: () => leading && clock.monotonic() < heldUntil(claims, durationMs),
    run: async (signal) => {
      while (await acquire(claims, options, signal)) {
        leading = true;
        logger.info('leading', { identity: options.identity });
        const end = await lead(claims, options, signal, () => {
          leading = false;
        });
        options.onStopped?.();
        if (end === 'ended') return;
        logger.warn('the leadership is lost');
      }
    },
  };
}

/** @returns true once this instance leads, false when `signal` aborts first */
async function acquire(claims: readonly Claim[], options: LeaderElectorOptions, signal: AbortSignal): Promise<boolean> {
  const { clock, logger, durationMs } = options;
  let said = '';
  while (!signal.aborted) {
    try {
      if (await claimAll(claims, { signal, timeoutMs: renewDeadlineMs(durationMs) })) return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // An outage may last, and a standby looks often.
      if (error !== signal.reason && message !== said) logger.warn('waiting for the lease', { err: error });
      said = message;
    }
    await clock.sleep(lookEveryMs(durationMs), signal).catch(() => undefined);
  }
  await releaseAll(
    claims.filter((claim) => claim.mayBeHeld()),
    logger,
  );
  return false;
}

/**
 * Works while everything is renewed. The work is told to stop before a lease can have run out for others, and the leases
 * go on being renewed until the work has stopped, so that no second writer begins next to an unfinished one.
 */
async function lead(
  claims: readonly Claim[],
  options: LeaderElectorOptions,
  signal: AbortSignal,
  onLost: () => void,
): Promise<'ended' | 'lost'> {
  const working = new AbortController();
  const renewing = new AbortController();
  const stopWork = () => {
    working.abort(signal.reason);
  };
  if (signal.aborted) stopWork();
  signal.addEventListener('abort', stopWork, { once: true });
  const renewals = claims.map(async (claim) => {
    const end = await renew(claim, options, renewing.signal);
    if (end === 'lost') onLost();
    working.abort(new Error('the leadership is lost'));
    return end;
  });
  try {
    await options.onStarted(working.signal);
  } catch (error) {
    if (!working.signal.aborted || error !== working.signal.reason) throw error;
  } finally {
    signal.removeEventListener('abort', stopWork);
    onLost();
    renewing.abort(new Error('the work has ended'));
    const ends = await Promise.all(renewals);
    await releaseAll(
      claims.filter((_, index) => ends[index] === 'stopped'),
      options.logger,
    );
  }
  return (await Promise.all(renewals)).includes('lost') ? 'lost' : 'ended';
}
