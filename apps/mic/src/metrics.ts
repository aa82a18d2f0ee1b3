import type { ArmClient, Target } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';

type RecordOperation = 'assigned_identity_addition' | 'assigned_identity_deletion' | 'assigned_identity_update';
/** The last of them is not of 1.8.17. */
export type KubernetesOperation =
  RecordOperation | 'update_azure_assigned_identity_status' | 'update_azure_identity_status';
export type CloudOperation = 'vm_get' | 'vm_update' | 'vmss_get' | 'vmss_update';

const BUCKETS = [0.5, 1, 5, 10, 30, 60, 120, 300, 600, 900, 1200];

/** What MIC measures; the names are those of 1.8.17. */
export interface Meters {
  /** Runs and measures one operation on records; the count goes up when it succeeds. */
  kubernetes<T>(operation: KubernetesOperation, run: () => Promise<T>): Promise<T>;
  cloud<T>(operation: CloudOperation, run: () => Promise<T>): Promise<T>;
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

function declare(metrics: Metrics) {
  return {
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

export function createMeters(metrics: Metrics, clock: Clock): Meters {
  const all = declare(metrics);
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
    cycle(durationMs) {
      all.cycles.inc();
      all.cycleDuration.observe(durationMs / 1000);
    },
    becameLeader() {
      all.elections.inc();
    },
  };
}

/** The same client, measured. */
export function metered(arm: ArmClient, meters: Meters): ArmClient {
  const name = (target: Target, operation: 'get' | 'update'): CloudOperation => `${target.kind}_${operation}`;
  return {
    writeTurn: (target, signal) => arm.writeTurn(target, signal),
    getIdentities: (target, signal) => meters.cloud(name(target, 'get'), () => arm.getIdentities(target, signal)),
    updateIdentities: (target, change, signal) =>
      meters.cloud(name(target, 'update'), () => arm.updateIdentities(target, change, signal)),
    lookupIdentity: (id, signal) => arm.lookupIdentity(id, signal),
  };
}
