import type { ThrottleScope } from '@aad-pod-identity/azure-arm';
import type { Metrics, Sample } from '@aad-pod-identity/telemetry';
import type { Operation } from './apply/pauses.ts';
import type { Fullness } from './fullness.ts';
import { type Reason, REASON_NAMES, REASONS } from './plan/reasons.ts';

/** What is asked at each scrape. The instance that does not lead has nothing to tell. */
export interface State {
  /** Keys that are ready to be worked on. */
  readonly queues: Readonly<Record<QueueName, () => number>>;
  readonly pauses: (operation: Operation, scope: ThrottleScope) => number;
  readonly nmiPods: () => number;
}

export type QueueName = 'records' | 'azure' | 'status';

const QUEUES: readonly QueueName[] = ['records', 'azure', 'status'];
const PAUSES: readonly (readonly [Operation, ThrottleScope])[] = [
  ['read', 'resource'],
  ['read', 'subscription'],
  ['write', 'resource'],
  ['write', 'subscription'],
];
const isOfPods = (reason: Reason): boolean => REASONS[reason].once.startsWith('pod') || OF_EITHER.includes(reason);
/** Found of bindings alone, and of each pod that they select as well. */
const OF_EITHER: readonly Reason[] = ['IdentityNotFound', 'IdentityUnreadable', 'IdentityInvalid'];
const isOfBindings = (reason: Reason): boolean => REASONS[reason].once === 'binding';

/** Declares the gauges; `stateOf` gives undefined while this instance does not lead. */
export function stateMetrics(
  metrics: Metrics,
  stateOf: () => State | undefined,
  countOf: ReasonCounts,
  fullness: Pick<Fullness, 'fullest'>,
): void {
  metrics.gauge({
    ...{ name: 'mic_queue_depth', labels: ['queue'] },
    help: 'VMs and scale sets (records, azure), and identities and bindings (status), that wait to be worked on.',
    collect: () => QUEUES.map((queue) => ({ labels: { queue }, value: stateOf()?.queues[queue]() ?? 0 })),
  });
  metrics.gauge({
    ...{ name: 'mic_arm_pauses', labels: ['operation', 'scope'] },
    help: 'VMs and scale sets, or subscriptions, that are left alone now because ARM asked for it or refuses every write.',
    collect: () =>
      PAUSES.map(([operation, scope]) => ({
        labels: { operation, scope },
        value: stateOf()?.pauses(operation, scope) ?? 0,
      })),
  });
  metrics.gauge({
    ...{
      name: 'mic_nmi_pods',
      help: 'Pods of NMI that run, as the leader sees them; none anywhere is the reason NoNMI.',
    },
    collect: () => stateOf()?.nmiPods() ?? 0,
  });
  metrics.gauge({
    ...{ name: 'mic_resource_identities', labels: ['resource_group', 'resource'] },
    help: 'User-assigned identities of the 20 VMs and scale sets that have most, as seen in the last hour.',
    collect: () => (stateOf() === undefined ? [] : fullness.fullest()),
  });
  reasonMetrics(metrics, countOf);
}

function reasonMetrics(metrics: Metrics, countOf: ReasonCounts): void {
  const counts = (reasons: readonly Reason[], count: (reason: Reason) => number) => (): Sample<'reason'>[] =>
    reasons.map((reason) => ({ labels: { reason }, value: count(reason) }));
  metrics.gauge({
    ...{ name: 'mic_pods_without_identity', labels: ['reason'] },
    help: 'Pods that get or can use no identity from a binding, by reason.',
    collect: counts(REASON_NAMES.filter(isOfPods), (reason) => countOf.pods(reason)),
  });
  metrics.gauge({
    ...{ name: 'mic_bindings_without_effect', labels: ['reason'] },
    help: 'Bindings that give nothing to anybody, by reason.',
    collect: counts(REASON_NAMES.filter(isOfBindings), (reason) => countOf.bindings(reason)),
  });
}

export interface ReasonCounts {
  pods(reason: Reason): number;
  bindings(reason: Reason): number;
}
