import { backoff, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { type IptablesRunner, natTable } from './iptables.ts';
import { type RedirectionTarget, repairs } from './rules.ts';

export interface Redirection {
  /** Whether the rules were right at the last look. */
  inPlace(): boolean;
  /** Keeps them so until `signal` aborts. They stay then: without them pods would reach the real service. */
  run(signal: AbortSignal): Promise<void>;
}

export interface RedirectionOptions {
  readonly target: RedirectionTarget;
  readonly intervalMs: number;
  readonly runIptables: IptablesRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onRepair: () => void;
}

/** Writes, checks and repairs the rules of this node. */
export function iptablesRedirection(options: RedirectionOptions): Redirection {
  const { target, intervalMs, clock, logger } = options;
  const table = natTable(options.runIptables);
  const retryAfter = backoff({ baseMs: 500, maxMs: Math.min(intervalMs, 10_000) });
  let inPlace = false;
  let failures = 0;

  async function look(): Promise<void> {
    const steps = repairs(target, await table.read());
    if (steps.length > 0) {
      inPlace = false;
      await table.apply(steps);
      options.onRepair();
      logger.info('redirection rules written', { steps: steps.length });
    }
    inPlace = repairs(target, await table.read()).length === 0;
    if (!inPlace) throw new Error('the redirection rules are not as they were written a moment ago');
  }

  return {
    inPlace: () => inPlace,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await look();
          failures = 0;
        } catch (err) {
          inPlace = false;
          logger.error('redirection rules are not in place', { err });
          failures++;
        }
        const waitMs = failures === 0 ? intervalMs : retryAfter(failures - 1);
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    },
  };
}

/** Where something else brings the requests here. */
export function noRedirection(logger: Logger): Redirection {
  return {
    inPlace: () => true,
    run: () => {
      logger.warn('redirection is switched off: NMI sees only requests that are sent to it');
      return Promise.resolve();
    },
  };
}
