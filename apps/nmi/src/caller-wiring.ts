import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import { type CallerFinder, createCallerFinder } from './caller.ts';
import type { LivePods } from './live-pods.ts';
import { keepPaths } from './paths/keep-paths.ts';
import { KnownPaths } from './paths/known-paths.ts';
import type { Network } from './paths/system-network.ts';
import type { Watches } from './stores.ts';

/**
 * Silence of the pods' watch after which it is no longer the newest word. A node where nothing changes hears of nothing
 * between two bookmarks, so this decides only where the kernel has nothing to tell: a look-up more, or a token less.
 */
const FRESH_MS = 10_000;

export interface CallerWiring {
  readonly watches: Watches;
  readonly livePods: () => Promise<LivePods>;
  readonly network: Network;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Who is calling, and the task that keeps record of how pods are reached. */
export function wireCaller({ watches, livePods, network, clock, metrics }: CallerWiring): {
  readonly findCaller: CallerFinder;
  readonly task: Task;
} {
  const { pods } = watches.stores;
  const confirmedAt = () => watches.podsStanding().confirmedAt;
  const isFresh = () => !watches.podsStanding().broken && clock.monotonic() - confirmedAt() <= FRESH_MS;
  const paths = new KnownPaths({ network, clock, confirmedAt });
  metrics.gauge({
    name: 'nmi_proven_pod_addresses',
    help: 'Addresses of pods that are served while the Kubernetes API is away.',
    collect: () => paths.proven(),
  });
  return {
    findCaller: createCallerFinder({ pods, livePods, paths, isFresh, clock }),
    task: keepPaths(pods, paths, clock),
  };
}
