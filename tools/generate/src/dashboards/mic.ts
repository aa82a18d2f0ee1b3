import { BytesIEC, OpsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { limited, lines, stacked } from './panels.ts';
import { increase, max, ofProcess, percentiles, quantile, rate, sum } from './promql.ts';

const ARM = 'cloud_provider_operations_duration_seconds';
const RECORDS = ['addition', 'deletion', 'update'] as const;
/** Every MIC has it, and nothing else does. */
const MIC = 'mic_cycle_count';

const ofRecords = (expressionOf: (operation: (typeof RECORDS)[number]) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(RECORDS.map((operation) => [operation, expressionOf(operation)]));

const queue = [
  lines({
    title: 'Waiting',
    description:
      'VMs and scale sets whose records (records) or identities (azure) are to be looked at, and identities and bindings whose status is to be written (status). 0 nearly always, however slow Azure is, for MIC works on hundreds of them at once: what stays above lacks processors, or the Kubernetes API is slow.',
    unit: Short,
    queries: { '{{queue}}': sum('mic_queue_depth', 'queue') },
  }),
  lines({
    title: 'Passes over a VM or scale set',
    description: 'How many a second.',
    unit: OpsPerSecond,
    queries: { passes: rate('mic_cycle_count') },
  }),
  lines({
    title: 'Time of a pass',
    description: 'Half, 95 % and 99 % took no longer. The time of Azure is in it.',
    unit: Seconds,
    queries: percentiles('mic_cycle_duration_seconds'),
  }),
  lines({
    title: 'Became leader',
    description: 'How often each instance did since it started. One that goes up again and again loses its lease.',
    unit: Short,
    queries: { '{{instance}}': max('mic_new_leader_election_count', 'instance') },
  }),
];

const assigned = [
  lines({
    title: 'Time to Assigned',
    description:
      'From when a pod is seen on its node until its identity is on the VM or scale set: half, 95 % and 99 % no longer. Mostly the time of Azure; over two minutes: see AadPodIdentityAssignmentSlow.',
    unit: Seconds,
    queries: percentiles('mic_pod_assignment_duration_seconds'),
  }),
  stacked({
    title: 'Records written',
    description: 'AzureAssignedIdentities that were made, taken away and changed.',
    unit: OpsPerSecond,
    queries: ofRecords((operation) => rate(`assigned_identity_${operation}_count`)),
  }),
  stacked({
    title: 'Pods without an identity',
    description: 'Pods that should have one, by the reason why not, which docs/metrics.md explains.',
    unit: Short,
    queries: { '{{reason}}': `${sum('mic_pods_without_identity', 'reason')} > 0` },
  }),
  stacked({
    title: 'Bindings without effect',
    description: 'Bindings that give nothing to anybody, by reason.',
    unit: Short,
    queries: { '{{reason}}': `${sum('mic_bindings_without_effect', 'reason')} > 0` },
  }),
];

const arm = [
  stacked({
    title: 'Calls to ARM',
    description: 'By what is read (get) or written (update). Each counts against the limits of the subscription.',
    unit: OpsPerSecond,
    queries: { '{{operation_type}}': rate(`${ARM}_count`, 'operation_type') },
  }),
  lines({
    title: 'Time of a call to ARM',
    description: '95 % took no longer, until the operation was over.',
    unit: Seconds,
    queries: { '{{operation_type}}': quantile(0.95, ARM, ['operation_type']) },
  }),
  stacked({
    title: 'Calls to ARM that failed',
    description: 'Whatever the reason; the log of MIC and the Events of the identity say it.',
    unit: OpsPerSecond,
    queries: { '{{operation_type}}': rate('cloud_provider_operations_errors_count', 'operation_type') },
  }),
  stacked({
    title: 'Throttled by ARM',
    description: 'Answers 429, for one resource or for the whole subscription.',
    unit: Short,
    queries: {
      '{{operation_type}}, {{scope}}': increase('mic_arm_throttled_total', 'operation_type', 'scope'),
    },
  }),
  lines({
    title: 'Left alone',
    description:
      'VMs and scale sets, or subscriptions, that are not read or written until the time that ARM named. For long: see AadPodIdentityArmThrottled.',
    unit: Short,
    queries: { '{{operation}} {{scope}}': `${sum('mic_arm_pauses', 'operation', 'scope')} > 0` },
  }),
];

const identities = [
  limited({
    title: 'Identities of each VM and scale set',
    description: 'The 20 that have most. Azure takes 150 in one request, and on some machines fewer.',
    unit: Short,
    queries: { '{{resource}} ({{resource_group}})': max('mic_resource_identities', 'resource_group', 'resource') },
    ...{ warn: 125, limit: 150 },
  }),
  limited({
    title: 'Identities of all VMs and scale sets',
    description: 'Half of them have no more, 95 % no more, and all no more, each counted as often as it was looked at.',
    unit: Short,
    queries: Object.fromEntries(
      [0.5, 0.95, 1].map((share) => [`${share * 100} %`, quantile(share, 'mic_identities_per_resource', [], '15m')]),
    ),
    ...{ warn: 125, limit: 150 },
  }),
];

const behind = [
  lines({
    title: 'Time to write a record',
    description: '95 % took no longer.',
    unit: Seconds,
    queries: ofRecords((operation) => quantile(0.95, `assigned_identity_${operation}_duration_seconds`)),
  }),
  stacked({
    title: 'Writes that the Kubernetes API refused',
    description: 'By what was to be written.',
    unit: OpsPerSecond,
    queries: {
      '{{operation_type}}': rate(
        'kubernetes_api_operations_errors_count{operation_type=~"assigned_identity_.*|update_.*"}',
        'operation_type',
      ),
    },
  }),
  lines({
    title: 'NMIs that run',
    description: 'As the leading MIC sees them: one for each node.',
    unit: Short,
    queries: { NMIs: max('mic_nmi_pods') },
  }),
  lines({
    title: 'Memory of MIC',
    description: 'By instance; the one that leads takes more.',
    unit: BytesIEC,
    queries: { '{{instance}}': ofProcess('process_resident_memory_bytes', MIC) },
  }),
  lines({
    title: 'Processors that MIC takes',
    description: 'By instance.',
    unit: Short,
    queries: { '{{instance}}': ofProcess('rate(process_cpu_seconds_total[$__rate_interval])', MIC) },
  }),
];

export const micDashboard = dashboard({
  title: 'AAD Pod Identity / MIC',
  description: 'Identities on their way to VMs and scale sets: what waits, how long it takes, what Azure says.',
  uid: 'aad-pod-identity-mic',
  rows: {
    Queue: queue,
    Assignments: assigned,
    'Azure Resource Manager': arm,
    Identities: identities,
    'Kubernetes and MIC itself': behind,
  },
});
