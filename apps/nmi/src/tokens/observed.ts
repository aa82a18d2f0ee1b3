import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import { CACHE_RESULTS, type CacheResult } from './cached.ts';
import type { TokenSource } from './token-source.ts';

/** The original's names for its three ways to a token; dashboards ask for them. */
const OPERATIONS = ['adal_token_msi', 'adal_token_msi_userassignedid', 'adal_token'] as const;
export type TokenOperation = (typeof OPERATIONS)[number];

const BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, 3, 4, 5, 10];

export interface TokenMetrics {
  /** A source each of whose calls is counted and timed. */
  calls<R>(source: TokenSource<R>, operationOf: (request: R) => TokenOperation): TokenSource<R>;
  readonly cache: (result: CacheResult) => void;
  readonly cacheSize: (read: () => number) => void;
  readonly circuit: (target: 'imds' | 'entra', open: boolean) => void;
}

function cacheMetrics(metrics: Metrics): Omit<TokenMetrics, 'calls'> {
  const results = metrics.counter({
    name: 'token_cache_results_total',
    help: 'Requests by what the token cache did (hit, miss, refused), and renewals in the background.',
    labels: ['result'],
  });
  const open = metrics.gauge({
    name: 'token_circuits_open',
    help: 'Token services that are not asked for a while because they do not answer or throttle.',
    labels: ['target'],
  });
  for (const result of CACHE_RESULTS) results.inc({ result }, 0);
  for (const target of ['imds', 'entra']) open.set({ target }, 0);
  return {
    cache: (result) => {
      results.inc({ result });
    },
    cacheSize: (collect) => {
      metrics.gauge({ name: 'token_cache_entries', help: 'Tokens kept.', collect });
    },
    circuit: (target, isOpen) => {
      open.inc({ target }, isOpen ? 1 : -1);
    },
  };
}

/** Everything that is measured between NMI and those who give tokens. */
export function tokenMetrics(metrics: Metrics, clock: Clock): TokenMetrics {
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
  for (const operation_type of OPERATIONS) {
    duration.zero({ operation_type });
    errors.inc({ operation_type }, 0);
  }
  return {
    ...cacheMetrics(metrics),
    calls: (source, operationOf) => async (request, signal) => {
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
    },
  };
}
