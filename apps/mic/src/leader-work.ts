import { createKeyedQueue, type KeyedQueue, type Reflector } from '@aad-pod-identity/kube';
import { backoff, type Clock, type Outcome, runTasks, type Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Arrivals } from './arrivals.ts';
import { type Ledger, targetOfKey } from './ledger.ts';
import type { Meters } from './metrics.ts';
import type { Reconciler } from './reconcile.ts';
import type { State } from './state-metrics.ts';
import type { StatusWork } from './status-work.ts';
import { allKeys, type IsEcho, subscribeTriggers } from './triggers.ts';
import type { Left } from './uninstall/left.ts';
import type { OwnDeployment } from './uninstall/own-deployment.ts';
import { Passes } from './uninstall/passes.ts';
import type { ProgressSources } from './uninstall/tell-progress.ts';
import type { Stores } from './world/stores.ts';

export interface LeaderWorkOptions {
  readonly stores: Stores;
  readonly reflectors: readonly Reflector[];
  readonly ledger: Ledger;
  /** A reconciler that remembers nothing of earlier leaderships, when another may have written. */
  readonly newReconciler: (again: KeyedQueue['addAfter']) => Reconciler;
  /** The same of what tells the state of identities and bindings. */
  readonly newStatusWork: (facts: Reconciler['facts']) => StatusWork;
  /** Calls back when Azure is reached in another way, until the returned function is called. */
  readonly onReload: (lookAgain: () => void) => () => void;
  readonly deployment: Pick<OwnDeployment, 'whenKnown' | 'onChange'>;
  /** Says how far an uninstall is. */
  readonly tellProgress: (sources: ProgressSources) => Task;
  readonly meters: Meters;
  readonly arrivals: Arrivals;
  /** Shows what is asked at a scrape, until the returned function is called. */
  readonly show: (state: State) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often everything is looked at anew, in milliseconds. */
  readonly resyncMs: number;
}

/** Workers of records at a time; each writes several of them, within the rate of the client. */
const RECORD_WORKERS = 500;
/** Those of VMs and scale sets mostly wait for ARM or for their turn; what they send has a budget of its own. */
const AZURE_WORKERS = 10_000;
const RETRY = { baseMs: 1000, maxMs: 5 * 60_000 };
/** Until then the other records of that VM or scale set wait as well. */
const RECORD_RETRY = { ...RETRY, baseMs: 200 };
const LOAD_RETRY = { baseMs: 500, maxMs: 10_000 };

type Work = (key: string, signal: AbortSignal) => Promise<Outcome>;

interface Workers {
  readonly concurrency: number;
  readonly retry: typeof RETRY;
  readonly work: Work;
  readonly passes: Passes;
}

function createQueue({ clock, logger, meters }: LeaderWorkOptions, workers: Workers): KeyedQueue {
  const { concurrency, retry, work, passes } = workers;
  return createKeyedQueue({
    ...{ clock, logger, concurrency, backoff: backoff(retry) },
    work: async (key, signal) => {
      const outcome = await passes.run(() => work(key, signal));
      if (outcome.kind === 'retry') logger.warn('pass is not complete', { target: key, err: outcome.error });
      return outcome;
    },
    onOutcome: (_key, _outcome, durationMs) => {
      meters.cycle(durationMs);
    },
  });
}

/** Both workers of every VM and scale set; what changes in the cluster is told to that of the records. */
function createQueues(options: LeaderWorkOptions) {
  const reconciler = options.newReconciler((key, ms) => {
    azure.addAfter(key, ms);
  });
  const passes = new Passes();
  const records = createQueue(options, {
    ...{ concurrency: RECORD_WORKERS, retry: RECORD_RETRY, passes },
    work: (key, signal) => reconciler.records(key, signal),
  });
  const azure = createQueue(options, {
    ...{ concurrency: AZURE_WORKERS, retry: RETRY, passes },
    work: (key, signal) => reconciler.azure(key, signal),
  });
  const left = (): Left => whatIsLeft(options, reconciler);
  const { facts, caution, pauses } = reconciler;
  const isEcho: IsEcho = (key, change) => reconciler.isEcho(key, change);
  return { records, azure, isEcho, facts, caution, pauses, progress: { passes, left } };
}

function whatIsLeft({ stores, ledger }: LeaderWorkOptions, reconciler: Reconciler): Left {
  const places = [...ledger.keys()].flatMap((key) => {
    const target = targetOfKey(key);
    const identities = [...ledger.get(key)];
    return target === undefined ? [] : [{ target, identities, reason: reconciler.faultOf(key)?.reason }];
  });
  return { records: stores.records.size, places };
}

/** An outage of the API is waited out: ending the process would only bring it back to this place. */
async function loadLedger({ ledger, clock, logger }: LeaderWorkOptions, signal: AbortSignal): Promise<void> {
  const delay = backoff(LOAD_RETRY);
  for (let attempt = 0; ; attempt++) {
    try {
      await ledger.load(signal);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn('ledger cannot be read yet', { err: error });
      await clock.sleep(delay(attempt), signal);
    }
  }
}

type AllWork = ReturnType<typeof createQueues> & { readonly status: StatusWork };

/** Follows the world and shows how the work stands, until the returned functions are called. */
function follow(options: LeaderWorkOptions, { records, azure, status, pauses, isEcho }: AllWork): (() => void)[] {
  const { stores } = options;
  const queues = { records: () => records.depth(), azure: () => azure.depth(), status: () => status.depth() };
  return [
    options.show({
      ...{ queues, pauses: (operation, scope) => pauses.count(operation, scope) },
      nmiPods: () => stores.nmi.size,
    }),
    options.arrivals.follow(stores),
    subscribeTriggers(
      stores,
      (key) => {
        records.add(key);
      },
      isEcho,
    ),
  ];
}

/** What the leader does, until `signal` aborts: only here is anything written. */
export async function leaderWork(options: LeaderWorkOptions, signal: AbortSignal): Promise<void> {
  const { stores, reflectors, ledger, clock, logger, resyncMs } = options;
  const known = reflectors.map((reflector) => reflector.whenSynced(signal));
  await Promise.all([...known, options.deployment.whenKnown(signal)]);
  await loadLedger(options, signal);
  const queues = createQueues(options);
  const { records, azure, facts, caution } = queues;
  const status = options.newStatusWork(facts);
  const ends = follow(options, { ...queues, status });
  const addAll = (): void => {
    const keys = new Set([...allKeys(stores), ...ledger.keys()]);
    logger.info('looking at all targets', { count: keys.size });
    for (const key of keys) records.add(key);
  };
  ends.push(options.onReload(addAll), options.deployment.onChange(addAll));
  const resync = async (until: AbortSignal): Promise<void> => {
    for (;;) {
      addAll();
      await clock.sleep(resyncMs, until);
    }
  };
  const beSure = async (until: AbortSignal): Promise<void> => {
    await Promise.all(reflectors.map((reflector) => reflector.refresh(until)));
    for (const key of caution.beSure()) records.add(key);
  };
  try {
    const tasks = {
      beSure,
      records: (until: AbortSignal) => records.run(until),
      azure: (until: AbortSignal) => azure.run(until),
      facts: (until: AbortSignal) => facts.run(until),
      status: (until: AbortSignal) => status.run(until),
    };
    const progress = options.tellProgress(queues.progress);
    await runTasks({ ...tasks, resync, progress }, { signal, clock });
  } finally {
    for (const end of ends) end();
    status.end();
  }
}
