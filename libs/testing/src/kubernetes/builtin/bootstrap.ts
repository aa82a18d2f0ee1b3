import { randomUUID } from 'node:crypto';

import type { Cluster } from '../cluster.ts';
import { followCrds } from '../crds/lifecycle.ts';
import { apiTime } from '../objects.ts';
import { collect } from '../writes/delete.ts';
import { followNamespaces } from './namespaces.ts';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Sets the controllers to work that the API can't do without, then makes what a fresh cluster has. */
export function bootstrap(cluster: Cluster): void {
  cluster.storage.subscribe((change) => {
    followCrds(cluster, change);
  });
  cluster.storage.subscribe((change) => {
    followNamespaces(cluster, change);
  });
  cluster.storage.subscribe(({ type, collection, object }) => {
    if (type === 'MODIFIED') collect(cluster, collection, object);
  });
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
