import type { Target, ThrottleScope } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import type { Fullness } from './fullness.ts';

type RecordOperation = 'assigned_identity_addition' | 'assigned_identity_deletion' | 'assigned_identity_update';
/** The last of them is not of 1.8.17. */
const KUBERNETES_OPERATIONS = [
  'assigned_identity_addition',
  'assigned_identity_deletion',
  'assigned_identity_update',
  'update_azure_assigned_identity_status',
  'update_azure_identity_status',
] as const;
export type KubernetesOperation = (typeof KUBERNETES_OPERATIONS)[number];
/** The last of them is not of 1.8.17: what Azure says of an identity itself. */
export const CLOUD_OPERATIONS = ['vm_get', 'vm_update', 'vmss_get', 'vmss_update', 'identity_get'] as const;
export type CloudOperation = (typeof CLOUD_OPERATIONS)[number];

const BUCKETS = [0.5, 1, 5, 10, 30, 60, 120, 300, 600, 900, 1200];

const WAIT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
/** Azure takes 150 in one request, and fewer on some machines. */
const COUNT_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 125, 150, 200];
const THROTTLE_SCOPES: readonly ThrottleScope[] = ['resource', 'subscription'];

/** What MIC measures; the names without `mic_` are those of 1.8.17, and so are the cycles and elections. */
export interface Meters {
  /** Runs and measures one operation on records; the count goes up when it succeeds. */
  kubernetes<T>(operation: KubernetesOperation, run: () => Promise<T>): Promise<T>;
  cloud<T>(operation: CloudOperation, run: () => Promise<T>): Promise<T>;
  /** ARM said 429. */
  throttled(operation: CloudOperation, scope: ThrottleScope): void;
  /** How many user-assigned identities a VM or scale set was seen with. */
  identities(target: Target, count: number): void;
  /** ARM knows it no more. */
  gone(target: Target): void;
  /** A pod has an identity that it waited for. */
  assigned(waitedMs: number): void;
  /** One pass over one VM or scale set. */
  cycle(durationMs: number): void;
  becameLeader(): void;
}

function recordMeters(metrics: Metrics, operation: RecordOperation) {
  const help = operation.replaceAll('_', ' ');
  return {
    duration: metrics.histogram({
      name: `${operation}_duration_seconds`,
      help: `Time of one ${help}.`,
      buckets: BUCKETS,
    }),
    count: metrics.counter({ name: `${operation}_count`, help: `Successful ${help}s.` }),
  };
}

const labels = ['operation_type'] as const;

/** What 1.8.17 does not measure. */
function declareOwn(metrics: Metrics) {
  return {
    throttled: metrics.counter({
      ...{ name: 'mic_arm_throttled_total', labels: ['operation_type', 'scope'] as const },
      help: 'Answers of ARM that say 429, and whether they are about one resource or its subscription.',
    }),
    identities: metrics.histogram({
      ...{ name: 'mic_identities_per_resource', buckets: COUNT_BUCKETS },
      help: 'User-assigned identities of a VM or scale set, each time one is seen.',
    }),
    waits: metrics.histogram({
      ...{ name: 'mic_pod_assignment_duration_seconds', buckets: WAIT_BUCKETS },
      help: 'Time from when a pod is seen on its node until an identity is Assigned to it, once for each identity.',
    }),
  };
}

function declare(metrics: Metrics) {
  return {
    ...declareOwn(metrics),
    records: {
      assigned_identity_addition: recordMeters(metrics, 'assigned_identity_addition'),
      assigned_identity_deletion: recordMeters(metrics, 'assigned_identity_deletion'),
      assigned_identity_update: recordMeters(metrics, 'assigned_identity_update'),
    },
    kubernetesErrors: metrics.counter({
      ...{ name: 'kubernetes_api_operations_errors_count', labels },
      help: 'Failed calls to the Kubernetes API.',
    }),
    cloudErrors: metrics.counter({
      ...{ name: 'cloud_provider_operations_errors_count', labels },
      help: 'Failed calls to ARM.',
    }),
    cloudDuration: metrics.histogram({
      ...{ name: 'cloud_provider_operations_duration_seconds', labels, buckets: BUCKETS },
      help: 'Time of one call to ARM, with all its polls.',
    }),
    cycles: metrics.counter({ name: 'mic_cycle_count', help: 'Passes over one VM or scale set.' }),
    cycleDuration: metrics.histogram({
      ...{ name: 'mic_cycle_duration_seconds', buckets: BUCKETS },
      help: 'Time of one pass over one VM or scale set.',
    }),
    elections: metrics.counter({
      name: 'mic_new_leader_election_count',
      help: 'How often this instance became leader.',
    }),
  };
}

const isOfRecords = (operation: KubernetesOperation): operation is RecordOperation =>
  operation.startsWith('assigned_identity_');

/** Series that are there from the start: the first failure shows as one more, and not as one out of nothing. */
function zero({ kubernetesErrors, cloudErrors, throttled }: ReturnType<typeof declare>): void {
  for (const operation_type of KUBERNETES_OPERATIONS) kubernetesErrors.inc({ operation_type }, 0);
  for (const operation_type of CLOUD_OPERATIONS) {
    cloudErrors.inc({ operation_type }, 0);
    for (const scope of THROTTLE_SCOPES) throttled.inc({ operation_type, scope }, 0);
  }
}

/** Runs `run` and tells how long it took, in seconds, and whether it threw. */
async function timed<T>(
  clock: Clock,
  run: () => Promise<T>,
  done: (seconds: number, failed: boolean) => void,
): Promise<T> {
  const started = clock.monotonic();
  let failed = true;
  try {
    const result = await run();
    failed = false;
    return result;
  } finally {
    done((clock.monotonic() - started) / 1000, failed);
  }
}

export function createMeters(metrics: Metrics, clock: Clock, fullness: Fullness): Meters {
  const all = declare(metrics);
  zero(all);
  return {
    kubernetes: (operation, run) =>
      timed(clock, run, (seconds, failed) => {
        if (failed) all.kubernetesErrors.inc({ operation_type: operation });
        if (!isOfRecords(operation)) return;
        all.records[operation].duration.observe(seconds);
        if (!failed) all.records[operation].count.inc();
      }),
    cloud: (operation, run) =>
      timed(clock, run, (seconds, failed) => {
        if (failed) all.cloudErrors.inc({ operation_type: operation });
        all.cloudDuration.observe({ operation_type: operation }, seconds);
      }),
    throttled(operation, scope) {
      all.throttled.inc({ operation_type: operation, scope });
    },
    identities(target, count) {
      all.identities.observe(count);
      fullness.saw(target, count);
    },
    gone(target) {
      fullness.gone(target);
    },
    assigned(waitedMs) {
      all.waits.observe(waitedMs / 1000);
    },
    cycle(durationMs) {
      all.cycles.inc();
      all.cycleDuration.observe(durationMs / 1000);
    },
    becameLeader() {
      all.elections.inc();
    },
  };
}
