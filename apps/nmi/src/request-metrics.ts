import type { Metrics } from '@aad-pod-identity/telemetry';
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

/** Callers choose their resources, so only so many get a series of their own. */
const MAX_RESOURCES = 20;
const OTHER = 'other';

function bounded(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return OTHER;
    known.add(value);
    return value;
  };
}

/** Counts and times finished requests. */
export function requestObserver(metrics: Metrics): (finished: Finished) => void {
  const duration = metrics.histogram({
    name: 'nmi_operations_duration_seconds',
    help: 'Time from a request to its answer.',
    labels: ['operation_type', 'status_code', 'namespace', 'resource'],
    buckets: BUCKETS,
  });
  const boundedResource = bounded(MAX_RESOURCES);
  return ({ route, status, seconds, namespace = '', resource }) => {
    const labels = {
      operation_type: route,
      status_code: String(status),
      namespace,
      resource: resource === undefined ? '' : boundedResource(resource),
    };
    duration.observe(labels, seconds);
  };
}
