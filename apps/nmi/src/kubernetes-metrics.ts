import type { Metrics } from '@aad-pod-identity/telemetry';

/** The original's names for its calls to the Kubernetes API. */
export type KubernetesOperation = 'get_pod_list' | 'get_secret';

/** Counts calls to the Kubernetes API that failed. */
export function kubernetesErrorCounter(metrics: Metrics): (operation: KubernetesOperation) => void {
  const errors = metrics.counter({
    name: 'kubernetes_api_operations_errors_count',
    help: 'Calls to the Kubernetes API that failed.',
    labels: ['operation_type'],
  });
  return (operation_type) => {
    errors.inc({ operation_type });
  };
}
