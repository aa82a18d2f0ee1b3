import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import type { TokenSource } from './token-source.ts';

/** The original's names for its three ways to a token; dashboards ask for them. */
export type TokenOperation = 'adal_token_msi' | 'adal_token_msi_userassignedid' | 'adal_token';

const BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5, 10];

/** Wraps token sources so that each of their calls is counted and timed. */
export function tokenObserver(
  metrics: Metrics,
  clock: Clock,
): <R>(source: TokenSource<R>, operationOf: (request: R) => TokenOperation) => TokenSource<R> {
  const duration = metrics.histogram({
    name: 'imds_operations_duration_seconds',
    help: 'Time of a call for a token, to the metadata service or to Entra ID.',
    labels: ['operation_type'],
    buckets: BUCKETS,
  });
  const errors = metrics.counter({
    name: 'imds_operations_errors_count',
    help: 'Calls for a token that failed.',
    labels: ['operation_type'],
  });
  return (source, operationOf) => async (request, signal) => {
    const operation_type = operationOf(request);
    const startedAt = clock.monotonic();
    try {
      return await source(request, signal);
    } catch (error) {
      if (!signal.aborted) errors.inc({ operation_type });
      throw error;
    } finally {
      duration.observe({ operation_type }, (clock.monotonic() - startedAt) / 1000);
    }
  };
}
