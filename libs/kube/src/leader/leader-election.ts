import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { KubeClient } from '../client.ts';
import { createClaim } from './claim.ts';
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
}

type Claim = ReturnType<typeof createClaim>;

const RELEASE_TIMEOUT_MS = 3_000;

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { client, namespace, name, logger } = options;
  let leading = false;
  const claim = createClaim({
    ...options,
    lock: createLeaseLock(client, { namespace, name }),
    onHolder: (holder) => {
      logger.info('leader elected', { lease: `${namespace}/${name}`, holder });
      options.onNewLeader?.(holder);
    },
  });
  return {
    isLeader: () => leading,
    run: async (signal) => {
      while (await acquire(claim, options, signal)) {
        leading = true;
        logger.info('leading', { identity: options.identity });
        const end = await lead(claim, options, signal, () => {
          leading = false;
        });
        options.onStopped?.();
        if (end === 'ended') return;
        logger.warn('the leadership is lost');
      }
    },
  };
}

const retryMs = ({ durationMs }: LeaderElectorOptions) => durationMs / 5;
const renewDeadlineMs = ({ durationMs }: LeaderElectorOptions) => (durationMs * 2) / 3;

/** @returns true once this instance leads, false when `signal` aborts first */
async function acquire(claim: Claim, options: LeaderElectorOptions, signal: AbortSignal): Promise<boolean> {
  const { clock, logger } = options;
  while (!signal.aborted) {
    try {
      if ((await claim.claim({ signal, timeoutMs: renewDeadlineMs(options) })) === 'mine') return true;
    } catch (error) {
      if (error !== signal.reason) logger.warn('the lease could not be read or written', { err: error });
    }
    await clock.sleep(retryMs(options), signal).catch(() => undefined);
  }
  return false;
}

/**
 * Works while the lease is renewed. The work is told to stop before the lease can have run out for others, and the lease
 * goes on being renewed until the work has stopped, so that no second writer begins next to an unfinished one.
 */
async function lead(
  claim: Claim,
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
  const renewal = renew(claim, options, renewing.signal).then((end) => {
    if (end === 'lost') onLost();
    working.abort(new Error('the leadership is lost'));
    return end;
  });
  try {
    await options.onStarted(working.signal);
  } finally {
    signal.removeEventListener('abort', stopWork);
    onLost();
    renewing.abort(new Error('the work has ended'));
    if ((await renewal) === 'stopped') await release(claim, options);
  }
  return (await renewal) === 'lost' ? 'lost' : 'ended';
}

async function renew(claim: Claim, options: LeaderElectorOptions, stop: AbortSignal): Promise<'lost' | 'stopped'> {
  const { clock, logger } = options;
  let renewedAt = clock.monotonic();
  for (;;) {
    await clock.sleep(retryMs(options), stop).catch(() => undefined);
    if (stop.aborted) return 'stopped';
    const leftMs = renewedAt + renewDeadlineMs(options) - clock.monotonic();
    if (leftMs <= 0) return 'lost';
    const startedAt = clock.monotonic();
    try {
      // half of what is left, so that a call that hangs leaves time for another on a new connection
      if ((await claim.claim({ signal: stop, timeoutMs: Math.max(leftMs / 2, 1) })) === 'theirs') return 'lost';
      renewedAt = startedAt;
    } catch (error) {
      if (error !== stop.reason) logger.warn('the lease could not be renewed', { err: error });
    }
  }
}

async function release(claim: Claim, { logger }: LeaderElectorOptions): Promise<void> {
  try {
    await claim.release({ timeoutMs: RELEASE_TIMEOUT_MS });
  } catch (error) {
    logger.warn('the lease could not be released; it runs out by itself', { err: error });
  }
}
