/** The metrics of 1.8.17 that dashboards and alerts ask for. */
export interface OriginalMetric {
  readonly job: 'mic' | 'nmi';
  readonly name: string;
  readonly type: 'counter' | 'histogram';
  readonly labels: readonly string[];
  /** Upper bounds that are there, perhaps with others between them. */
  readonly buckets?: readonly number[];
}

const BY_OPERATION = ['operation_type'];
const CYCLE = [0.5, 1, 5, 10, 30, 60, 120, 300, 600, 900, 1200];
const REQUEST = [0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100];
const TOKEN = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5, 10];

const histogram = (
  job: OriginalMetric['job'],
  name: string,
  labels: readonly string[],
  buckets: readonly number[],
): OriginalMetric => ({ job, name: `aadpodidentity_${name}`, type: 'histogram', labels, buckets });

const counter = (job: OriginalMetric['job'], name: string, labels: readonly string[] = []): OriginalMetric => ({
  ...{ job, name: `aadpodidentity_${name}`, type: 'counter', labels },
});

export const ORIGINAL_METRICS: readonly OriginalMetric[] = [
  histogram(
    'nmi',
    'nmi_operations_duration_seconds',
    [...BY_OPERATION, 'status_code', 'namespace', 'resource'],
    REQUEST,
  ),
  histogram('nmi', 'imds_operations_duration_seconds', BY_OPERATION, TOKEN),
  counter('nmi', 'imds_operations_errors_count', BY_OPERATION),
  counter('nmi', 'kubernetes_api_operations_errors_count', BY_OPERATION),
  ...['addition', 'deletion', 'update'].flatMap((operation) => [
    histogram('mic', `assigned_identity_${operation}_duration_seconds`, [], CYCLE),
    counter('mic', `assigned_identity_${operation}_count`),
  ]),
  histogram('mic', 'mic_cycle_duration_seconds', [], CYCLE),
  counter('mic', 'mic_cycle_count'),
  counter('mic', 'mic_new_leader_election_count'),
  histogram('mic', 'cloud_provider_operations_duration_seconds', BY_OPERATION, CYCLE),
  counter('mic', 'cloud_provider_operations_errors_count', BY_OPERATION),
  counter('mic', 'kubernetes_api_operations_errors_count', BY_OPERATION),
];
