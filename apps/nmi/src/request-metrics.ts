import type { Metrics } from '@aad-pod-identity/telemetry';
import { recentSeries } from './recent-series.ts';
import { resourceLabel } from './resource-label.ts';
import type { Route } from './route.ts';

export interface Finished {
  readonly route: Route['name'];
  readonly status: number;
  readonly seconds: number;
  readonly namespace?: string | undefined;
  /** Only of requests that got a token. */
  readonly resource?: string | undefined;
}

const BUCKETS = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
  ...[0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100],
];

/** Counts and times finished requests. */
export function requestObserver(metrics: Metrics): (finished: Finished) => void {
  const duration = metrics.histogram({
    name: 'nmi_operations_duration_seconds',
    help: 'Time from a request to its answer.',
    labels: ['operation_type', 'status_code', 'namespace', 'resource'],
    buckets: BUCKETS,
  });
  const saw = recentSeries((labels) => {
    duration.remove(labels);
  });
  return ({ route, status, seconds, namespace = '', resource }) => {
    const labels = {
      operation_type: route,
      status_code: String(status),
      namespace,
      resource: resource === undefined ? '' : resourceLabel(resource),
    };
    duration.observe(labels, seconds);
    saw(namespace, labels);
  };
}

/** Counts connections that were refused or cut because a pod, or all of them, had too many. */
export function refusedConnections(metrics: Metrics): () => void {
  const refused = metrics.counter({
    name: 'nmi_refused_connections_total',
    help: 'Connections refused or cut because one pod, or all of them, had too many.',
  });
  return () => {
    refused.inc();
  };
}
