import type { KubeClient } from '@aad-pod-identity/kube';
import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { putConfigMap, removeConfigMap } from '../config-map.ts';
import { type Left, type Progress, progressOf } from './left.ts';
import type { OwnDeployment } from './own-deployment.ts';
import type { Passes } from './passes.ts';

/** Where MIC says how far an uninstall is: it may write ConfigMaps anyway, and no Deployment, which could run anything. */
export const PROGRESS_NAME = 'aad-pod-identity-uninstall';

export interface ProgressOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** MIC's own. */
  readonly namespace: string;
  readonly deployment: Pick<OwnDeployment, 'isUninstalling'>;
}

export interface ProgressSources {
  readonly passes: Pick<Passes, 'settled'>;
  readonly left: () => Left;
}

const LOOK_MS = 1_000;

class Teller {
  readonly #options: ProgressOptions;
  readonly #sources: ProgressSources;
  /** What stands in the cluster; `absent` for no ConfigMap, undefined while that is not known. */
  #told: Progress | 'absent' | undefined;
  /** Undefined while no uninstall goes on. */
  #settling: { done: boolean } | undefined;

  constructor(options: ProgressOptions, sources: ProgressSources) {
    this.#options = options;
    this.#sources = sources;
  }

  async look(signal: AbortSignal): Promise<void> {
    if (this.#options.deployment.isUninstalling()) await this.#tell(signal);
    else await this.#takeBack(signal);
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const { client, namespace, logger } = this.#options;
    const { state, ...rest } = progressOf(this.#sources.left(), this.#isSettled());
    const data = { state, ...rest };
    if (JSON.stringify(data) === JSON.stringify(this.#told)) return;
    await putConfigMap(client, { namespace, name: PROGRESS_NAME }, { data }, signal);
    logger.info(state === 'released' ? 'everything is released' : 'releasing everything', rest);
    this.#told = data;
  }

  #isSettled(): boolean {
    if (this.#settling === undefined) {
      const settling = { done: false };
      this.#settling = settling;
      void this.#sources.passes.settled().then(() => {
        settling.done = true;
      });
    }
    return this.#settling.done;
  }

  /** An uninstall that was broken off and undone, by this leader or by one before it. */
  async #takeBack(signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.#options;
    this.#settling = undefined;
    if (this.#told === 'absent') return;
    await removeConfigMap(client, { namespace, name: PROGRESS_NAME }, signal);
    this.#told = 'absent';
  }
}

/** Says how far an uninstall is, for as long as one goes on. */
export function tellProgress(options: ProgressOptions, sources: ProgressSources): Task {
  const { clock, logger } = options;
  const teller = new Teller(options, sources);
  let failed = false;
  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      await teller.look(signal);
      failed = false;
    } catch (error) {
      if (signal.aborted) throw error;
      if (!failed) logger.warn('the progress of an uninstall cannot be told yet', { err: error });
      failed = true;
    }
  };
  return async (signal) => {
    for (;;) {
      await look(signal);
      await clock.sleep(LOOK_MS, signal);
    }
  };
}
