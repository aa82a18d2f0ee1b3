import type { Cluster } from '../cluster.ts';
import { apiTime } from '../objects.ts';
import { randomUUID } from 'node:crypto';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** What a fresh cluster has before anybody touches it. */
export function bootstrap(cluster: Cluster): void {
  for (const name of NAMESPACES) {
    cluster.storage.put('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        uid: randomUUID(),
        creationTimestamp: apiTime(cluster.clock.now()),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
}
