import { backoff, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { type IptablesRunner, natTable } from './iptables.ts';
import { type RedirectionTarget, repairs, type Step } from './rules.ts';

export interface Redirection {
  /** Whether the rules were right at the last look. */
  readonly inPlace: () => boolean;
  /** Keeps them so until `signal` aborts. They stay then: without them pods would reach the real service. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface RedirectionOptions {
  readonly target: RedirectionTarget;
  readonly intervalMs: number;
  readonly runIptables: IptablesRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends connections that are older than the rules and would go on past them. */
  readonly dropConnections: () => Promise<void>;
  /** Whether that is done at the first look even if the rules were there. */
  readonly alwaysDropAtStart: boolean;
  readonly onRepair: () => void;
}

/** One look at the rules after the other. */
function ruleKeeper(options: RedirectionOptions) {
  const { target, logger } = options;
  const table = natTable(options.runIptables);
  /** Kept over a failed look: connections that slipped through while the rules were wrong must still be dropped. */
  let dropIsDue = options.alwaysDropAtStart;

  async function repair(steps: readonly Step[]): Promise<void> {
    dropIsDue = true;
    await table.apply(steps);
    options.onRepair();
    logger.info('redirection rules written', { steps: steps.length });
    const left = repairs(target, await table.read());
    if (left.length > 0) throw new Error('the redirection rules are not as they were written a moment ago');
  }

  /** `onWrong` is called before anything is changed. @throws IptablesError, or an Error if the rules did not stay */
  return async (onWrong: () => void): Promise<void> => {
    const steps = repairs(target, await table.read());
    if (steps.length > 0) {
      onWrong();
      await repair(steps);
    }
    if (!dropIsDue) return;
    dropIsDue = false;
    await options.dropConnections();
  };
}

/** Writes, checks and repairs the rules of this node. */
export function iptablesRedirection(options: RedirectionOptions): Redirection {
  const { intervalMs, clock, logger } = options;
  const look = ruleKeeper(options);
  const retryAfter = backoff({ baseMs: 500, maxMs: Math.min(intervalMs, 10_000) });
  let inPlace = false;
  const notInPlace = (): void => {
    inPlace = false;
  };
  return {
    inPlace: () => inPlace,
    async run(signal) {
      for (let failures = 0; !signal.aborted;) {
        try {
          await look(notInPlace);
          inPlace = true;
          failures = 0;
        } catch (err) {
          notInPlace();
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
