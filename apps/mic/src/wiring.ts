import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { ArmClient } from '@aad-pod-identity/azure-arm';
import { connect, createLeaderElector, fenced, type KubeClient } from '@aad-pod-identity/kube';
import { type Clock, type FlagValues, runTasks, type Task, version } from '@aad-pod-identity/runtime';
import type { Logger, Metrics } from '@aad-pod-identity/telemetry';
import { RecordWriter } from './apply/write-records.ts';
import { CloudAccess } from './azure/cloud-access.ts';
import type { FLAGS } from './flags.ts';
import { leaderWork } from './leader-work.ts';
import { createLedger } from './ledger.ts';
import { metered } from './metered-arm.ts';
import { Reconciler, type ReconcilerOptions } from './reconcile.ts';
import { createReflectors } from './reflectors.ts';
import { checkFlags, namespaceOf } from './settings.ts';
import { untaint } from './startup-taint/untaint.ts';
import { StatusWork } from './status-work.ts';
import { runTypeUpgrade } from './type-upgrade.ts';
import { createTelling, type Telling } from './telling.ts';
import { type OwnDeployment, watchOwnDeployment } from './uninstall/own-deployment.ts';
import { type ProgressSources, tellProgress } from './uninstall/tell-progress.ts';
import { createStores, type Stores } from './world/stores.ts';

export type Flags = FlagValues<typeof FLAGS>;

export interface ProgramOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

type LeaderElector = ReturnType<typeof createLeaderElector>;

/** Everything that MIC is made of, not running yet. */
export interface Parts {
  readonly reflectors: ReturnType<typeof createReflectors>;
  readonly elector: LeaderElector;
  readonly deployment: OwnDeployment;
  /** Looks after the file of the cloud configuration. */
  readonly watchCloudConfig: Task;
  readonly metrics: Metrics;
  readonly close: () => Promise<void>;
}

/** Records of identities that are not namespaced are where 1.8.17 has them. */
const RECORD_NAMESPACE = 'default';

const readText = (path: string): Promise<string> => readFile(path, 'utf8');

function userAgentOf(flags: Flags): string {
  return ['aad-pod-identity', `MIC/${version}`, flags['custom-user-agent']].filter((part) => part !== '').join(' ');
}

function openAccess(options: ProgramOptions, userAgent: string, mayWrite: () => boolean): Promise<CloudAccess> {
  const { flags, env, clock, logger } = options;
  const { cloudconfig: path, 'immutable-user-msis': immutable } = flags;
  return CloudAccess.open({ path, immutable, env, readFile: readText, userAgent, mayWrite, clock, logger });
}

interface Wired extends Omit<Telling, 'metrics' | 'flush'> {
  readonly client: KubeClient;
  readonly arm: ArmClient;
  readonly stores: Stores;
  readonly access: CloudAccess;
  readonly deployment: OwnDeployment;
  readonly namespace: string;
}

function reconcilerOptions(options: ProgramOptions, wired: Wired): Omit<ReconcilerOptions, 'again' | 'ledger'> {
  const { flags, clock, logger } = options;
  const { client, arm, stores, meters, report, notices, arrivals, access, deployment } = wired;
  return {
    ...{ stores, arm: metered(arm, meters), clock, logger, recordNamespace: RECORD_NAMESPACE },
    records: new RecordWriter({ client, clock, meters, parallel: flags.createDeleteBatch }),
    ...{ report, notices, arrivals, meters },
    forceNamespaced: flags.forceNamespaced,
    isUninstalling: deployment.isUninstalling,
    protectedIds: { has: (id) => access.isProtected(id) },
    driftIntervalMs: flags['identity-assignment-reconcile-interval'],
    maxRetries: flags['update-user-msi-max-retry'],
    retryIntervalMs: flags['update-user-msi-retry-interval'],
  };
}

function typeUpgrade({ flags, clock, logger }: ProgramOptions, { client, namespace }: Wired): Record<string, Task> {
  if (!flags['enable-type-upgrade']) return {};
  const configMap = { namespace, name: flags['config-map-name'] };
  const upgrade = { client, clock, logger, configMap, key: flags['type-upgrade-status-key'] };
  return { typeUpgrade: (until) => runTypeUpgrade(upgrade, until) };
}

function wireElector(options: ProgramOptions, all: Wired, reflectors: Parts['reflectors']): LeaderElector {
  const { flags, clock, logger } = options;
  const wired = { ...all, client: fenced(all.client, () => elector.mayWrite()) };
  const { stores, meters, arrivals, show, namespace, deployment } = wired;
  const ledger = createLedger(wired.client, namespace);
  const { syncRetryDuration: resyncMs } = flags;
  const common = reconcilerOptions(options, wired);
  const work = {
    ...{ stores, ledger, meters, arrivals, show, clock, logger, resyncMs, deployment },
    tellProgress: (sources: ProgressSources): Task =>
      flags.deployment === '' ? () => Promise.resolve() : tellProgress({ ...wired, clock, logger }, sources),
    reflectors: Object.values(reflectors),
    onReload: (lookAgain: () => void) => wired.access.onChange(lookAgain),
    newReconciler: (again: ReconcilerOptions['again']) => new Reconciler({ ...common, ledger, again }),
    newStatusWork: (facts: Reconciler['facts']) => new StatusWork({ ...wired, facts, clock, logger, resyncMs }),
  };
  const instance = flags['leader-election-instance'];
  const elector = createLeaderElector({
    ...{ client: all.client, clock, logger, durationMs: flags['leader-election-duration'] },
    endpointsLock: flags['leader-election-endpoints'],
    namespace: flags['leader-election-namespace'],
    name: flags['leader-election-name'],
    identity: instance === '' ? hostname() : instance,
    onStarted: (signal) => {
      meters.becameLeader();
      const tasks = {
        ...{ work: (until: AbortSignal) => leaderWork(work, until), ...typeUpgrade(options, wired) },
        untaint: untaint({ ...wired, clock, logger, key: flags['startup-taint'] }),
      };
      return runTasks(tasks, { signal, clock });
    },
  });
  return elector;
}

/** @throws UsageError, CloudConfigError, CloudError or KubeError, naming what is configured wrongly */
export async function wire(options: ProgramOptions): Promise<Parts> {
  const { flags, env, clock, logger } = options;
  checkFlags(flags);
  const namespace = namespaceOf(env);
  const userAgent = userAgentOf(flags);
  const access = await openAccess(options, userAgent, () => elector.mayWrite());
  const { kubeconfig, clientQps: qps } = flags;
  const client = await connect({ kubeconfig, env, clock, logger, userAgent, qps });
  const stores = createStores();
  const telling = createTelling({ client, clock, logger });
  const deployment = watchOwnDeployment({ client, deployment: flags.deployment, clock, logger });
  const wired = { ...telling, client, arm: access.arm, stores, access, namespace, deployment };
  const reflectors = createReflectors({ client, stores, clock, logger, startupTaint: flags['startup-taint'] });
  const elector = wireElector(options, wired, reflectors);
  return {
    ...{ reflectors, elector, deployment },
    watchCloudConfig: (until) => access.watch(until),
    metrics: telling.metrics,
    close: async () => {
      await telling.flush();
      await client.close();
    },
  };
}
