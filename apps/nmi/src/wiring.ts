import { connect, type KubeClient } from '@aad-pod-identity/kube';
import { type Clock, type Task, version } from '@aad-pod-identity/runtime';
import { createMetrics, type Logger, type Metrics } from '@aad-pod-identity/telemetry';
import { wireCaller } from './caller-wiring.ts';
import type { Flags } from './flags.ts';
import { createHandlers } from './handlers.ts';
import { timedFinder } from './identity/timed-finder.ts';
import { wireIdentities } from './identity-wiring.ts';
import { kubernetesErrorCounter } from './kubernetes-metrics.ts';
import { livePodsOf } from './live-pods.ts';
import { systemNetwork } from './paths/system-network.ts';
import { cloudOf, tellSharedBridges } from './preflight.ts';
import type { Redirection } from './redirection/keeper.ts';
import { knownSettings, NO_SETTINGS } from './namespace-settings/known-settings.ts';
import { type OwnDaemonSet, watchOwnDaemonSet } from './own-daemonset.ts';
import { wireRedirection } from './redirection-wiring.ts';
import { type QuietMemory, quietMemory } from './quiet-memory.ts';
import { type Finished, refusedConnections, requestObserver } from './request-metrics.ts';
import { createNmiServer, type NmiServer } from './server.ts';
import { podRateLimit } from './serving/pod-rate-limit.ts';
import { createWatches, type Watches } from './stores.ts';
import { wireTokens } from './token-wiring.ts';

export interface ProgramOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

/** Everything that NMI is made of, not running yet. */
export interface Parts {
  readonly server: NmiServer;
  readonly watches: Watches;
  readonly redirection: Redirection;
  readonly ownDaemonSet: OwnDaemonSet;
  readonly metrics: Metrics;
  /** What goes on beside them. */
  readonly tasks: Readonly<Record<string, Task>>;
  readonly close: () => Promise<void>;
}

function userAgentOf(flags: Flags): string {
  return ['aad-pod-identity', `NMI/${version}`, flags['custom-user-agent']].filter((part) => part !== '').join(' ');
}

function wireWatches(
  { flags, clock, logger }: ProgramOptions,
  client: KubeClient,
  onPodListError: () => void,
): Watches {
  return createWatches({
    ...{ client, clock, logger, node: flags.node },
    withRecords: flags['operation-mode'] === 'standard',
    recordsOfNode: flags.enableScaleFeatures,
    namespaceSettings: flags['namespace-settings'],
    metrics: {
      failed: (resource) => {
        if (resource === 'pods') onPodListError();
      },
    },
  });
}

/** NMI's own look at its listener is nobody's request. */
function observer(metrics: Metrics, memory: QuietMemory): (finished: Finished) => void {
  const observe = requestObserver(metrics);
  return (finished) => {
    if (finished.route !== 'probe') memory.asked();
    observe(finished);
  };
}

export async function wire(options: ProgramOptions): Promise<Parts> {
  const { flags, env, clock, logger } = options;
  const cloud = await cloudOf(env);
  const userAgent = userAgentOf(flags);
  const metrics = createMetrics();
  tellSharedBridges(metrics, logger);
  const countError = kubernetesErrorCounter(metrics);
  const kube = await connect({ kubeconfig: flags.kubeconfig, env, clock, logger, userAgent });
  const onPodListError = countError.bind(undefined, 'get_pod_list');
  const watches = wireWatches(options, kube, onPodListError);
  const onSecretError = countError.bind(undefined, 'get_secret');
  const { identities } = watches.stores;
  const settings = watches.settings === undefined ? NO_SETTINGS : knownSettings(watches.settings, logger);
  const tokens = wireTokens({ ...options, cloud, kube, identities, settings, metrics, userAgent, onSecretError });
  const livePods = livePodsOf({ client: kube, node: flags.node, clock, onError: onPodListError });
  const caller = wireCaller({ watches, livePods, network: systemNetwork(clock), clock, metrics });
  const handlers = createHandlers({
    ...{ flags, clock, tokens: tokens.service, stores: watches.stores, settings },
    findCaller: caller.findCaller,
    findIdentity: timedFinder(wireIdentities({ flags, stores: watches.stores, settings, clock }), metrics, clock),
  });
  const rules = { blockInstanceMetadata: flags['block-instance-metadata'], metadataPaths: flags['metadata-paths'] };
  const memory = quietMemory(clock);
  const observe = observer(metrics, memory);
  const onConnectionRefused = refusedConnections(metrics);
  const admit = podRateLimit({ perSecond: flags['pod-requests-per-second'], clock });
  const ownDaemonSet = watchOwnDaemonSet({ client: kube, daemonset: flags.daemonset, clock, logger });
  return {
    server: createNmiServer({ ...handlers, rules, clock, logger, observe, admit, onConnectionRefused }),
    watches: { ...watches, tasks: { ...watches.tasks, paths: caller.task } },
    redirection: wireRedirection({ flags, clock, logger, metrics, isUninstalling: ownDaemonSet.isUninstalling }),
    ownDaemonSet,
    metrics,
    tasks: { memory: memory.run },
    close: async () => {
      handlers.close();
      await Promise.all([tokens.close(), kube.close()]);
    },
  };
}
