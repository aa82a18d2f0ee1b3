import { backoff, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { Held, holdStep, releaseStep } from './hold.ts';
import type { IptablesChains } from './iptables.ts';
import { ownedChains, type RedirectionTarget, removal, repairs, type Step } from './rules.ts';

export interface Redirection {
  /** Whether the rules were right at the last look. */
  readonly inPlace: () => boolean;
  /** Why requests do not arrive here; undefined if they do. */
  readonly problem: () => string | undefined;
  /** Keeps them so until `signal` aborts. They stay then: without them pods would reach the real service. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /**
   * Keeps new connections away until the returned function is called; those that come meanwhile are a second late.
   * @throws IptablesError
   */
  readonly hold: () => Promise<() => Promise<void>>;
}

export interface RedirectionOptions {
  readonly target: RedirectionTarget;
  readonly intervalMs: number;
  /** Those of the back-end that the node uses. Asked for at each look until it answers. */
  readonly chains: () => Promise<IptablesChains>;
  /** Those of every back-end: where ours may have been left. */
  readonly allChains: () => Promise<readonly IptablesChains[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends connections that are older than the rules and would go on past them. */
  readonly dropConnections: () => Promise<void>;
  /** Whether that is done at the first look even if the rules were there. */
  readonly alwaysDropAtStart: boolean;
  /** Whether NMI is being uninstalled: the one case in which the rules go. */
  readonly isUninstalling: () => boolean;
  /** Why redirected connections would not arrive although the rules are right. */
  readonly obstacle: () => Promise<string | undefined>;
  readonly onRepair: () => void;
}

const NOT_IN_PLACE = 'redirection rules are not in place';
const UNINSTALLING = 'redirection rules are taken away: NMI is being uninstalled';

/** Writes the rules where they are not right. `onWrong` is called before anything is changed. */
async function ensure(options: RedirectionOptions, onWrong: () => void, held: Held): Promise<void> {
  const chains = await options.chains();
  for (const owned of ownedChains(options.target)) {
    const found = await chains.read(owned);
    if (await held.isAll(chains, owned, found)) continue;
    const steps = repairs(owned, found);
    if (steps.length === 0) continue;
    onWrong();
    await chains.apply(owned, steps);
    options.onRepair();
    options.logger.info('redirection rules written', { table: owned.table, steps: steps.length });
    const left = repairs(owned, await chains.read(owned));
    if (left.length > 0) throw new Error('the redirection rules are not as they were written a moment ago');
  }
}

/** The redirection goes first, so that nothing is redirected to where nobody listens any more. */
async function remove({ allChains, target, logger }: RedirectionOptions): Promise<void> {
  for (const chains of await allChains()) {
    for (const owned of ownedChains(target).toReversed()) {
      const steps = removal(owned, await chains.read(owned));
      if (steps.length === 0) continue;
      await chains.apply(owned, steps);
      logger.warn('redirection rules taken away: NMI is being uninstalled', { table: owned.table });
    }
  }
}

class Keeper implements Redirection {
  readonly #options: RedirectionOptions;
  #inPlace = false;
  #problem: string | undefined = NOT_IN_PLACE;
  /** Kept over a failed look: connections that slipped through while the rules were wrong must still be dropped. */
  #dropIsDue: boolean;
  readonly #held: Held;

  constructor(options: RedirectionOptions) {
    this.#options = options;
    this.#held = new Held(options.target);
    this.#dropIsDue = options.alwaysDropAtStart;
  }

  inPlace = (): boolean => this.#inPlace;
  problem = (): string | undefined => this.#problem;

  run = async (signal: AbortSignal): Promise<void> => {
    const { intervalMs, clock, logger } = this.#options;
    const retryAfter = backoff({ baseMs: 500, maxMs: Math.min(intervalMs, 10_000) });
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#look();
        failures = 0;
      } catch (err) {
        this.#wrong(NOT_IN_PLACE);
        logger.error(NOT_IN_PLACE, { err });
        failures++;
      }
      const waitMs = failures === 0 ? intervalMs : retryAfter(failures - 1);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  };

  hold = async (): Promise<() => Promise<void>> => {
    const { chains: programs, target } = this.#options;
    const [chains, filter] = [await programs(), ownedChains(target).filter(({ table }) => table === 'filter')];
    const apply = async (step: Step): Promise<void> => {
      for (const owned of filter) await chains.apply(owned, [step]);
    };
    await apply(holdStep(target));
    return () => apply(releaseStep(target));
  };

  #wrong(problem: string): void {
    this.#inPlace = false;
    this.#problem = problem;
  }

  /** @throws IptablesError, or an Error if the rules did not stay */
  async #look(): Promise<void> {
    const { isUninstalling, dropConnections } = this.#options;
    if (isUninstalling()) {
      this.#wrong(UNINSTALLING);
      await remove(this.#options);
      return;
    }
    const onWrong = (): void => {
      this.#wrong(NOT_IN_PLACE);
      this.#dropIsDue = true;
    };
    await ensure(this.#options, onWrong, this.#held);
    if (this.#dropIsDue) {
      this.#dropIsDue = false;
      await dropConnections();
    }
    this.#inPlace = true;
    await this.#checkWay();
  }

  async #checkWay(): Promise<void> {
    const { obstacle, logger } = this.#options;
    const found = await obstacle();
    if (found !== undefined && found !== this.#problem) logger.error(found);
    this.#problem = found;
  }
}

/** Writes, checks and repairs the rules of this node. */
export function iptablesRedirection(options: RedirectionOptions): Redirection {
  return new Keeper(options);
}

/** Where something else brings the requests here. */
export function noRedirection(logger: Logger): Redirection {
  return {
    inPlace: () => true,
    problem: () => undefined,
    hold: () => Promise.resolve(() => Promise.resolve()),
    run: () => {
      logger.warn('redirection is switched off: NMI sees only requests that are sent to it');
      return Promise.resolve();
    },
  };
}
