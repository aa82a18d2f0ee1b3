import { randomUUID } from 'node:crypto';

import type { Cluster } from '../cluster.ts';
import { apiTime, type KubeObject, objectKey } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { Change } from '../storage.ts';
import { deleteObject } from '../writes/delete.ts';

function furnish(cluster: Cluster, namespace: string, apiObject: Omit<KubeObject, 'metadata'>, name: string): void {
  const { apiVersion = '', kind = '' } = apiObject as { apiVersion?: string; kind?: string };
  const type = cluster.registry.byKind(apiVersion, kind);
  if (type === undefined || cluster.storage.get(type.collection, objectKey(namespace, name)) !== undefined) return;
  const metadata = { name, namespace, uid: randomUUID(), creationTimestamp: apiTime(cluster.clock.now()) };
  cluster.storage.put(type.collection, { ...apiObject, apiVersion, kind, metadata });
}

/** What controllers put into every new namespace. */
function furnishNamespace(cluster: Cluster, namespace: string): void {
  furnish(cluster, namespace, { apiVersion: 'v1', kind: 'ServiceAccount' }, 'default');
  const data = { 'ca.crt': '' };
  furnish(cluster, namespace, { apiVersion: 'v1', kind: 'ConfigMap', data }, 'kube-root-ca.crt');
}

function contents(cluster: Cluster, namespace: string): [ResourceType, KubeObject][] {
  const types = cluster.registry.all().filter((type) => type.namespaced);
  const collections = new Map(types.map((type) => [type.collection, type]));
  return [...collections.values()].flatMap((type) =>
    cluster.storage
      .list(type.collection)
      .filter((object) => object.metadata.namespace === namespace)
      .map((object): [ResourceType, KubeObject] => [type, object]),
  );
}

/** Deletes what lies in a namespace that is being deleted; once it is empty the namespace goes too. */
function empty(cluster: Cluster, namespace: string): void {
  for (const [type, object] of contents(cluster, namespace)) {
    if (object.metadata.deletionTimestamp === undefined) {
      deleteObject(cluster, type, object, { dryRun: false });
    }
  }
  if (contents(cluster, namespace).length === 0) cluster.storage.remove('namespaces', namespace);
}

/** Does the work of the namespace controllers for one change. */
export function followNamespaces(cluster: Cluster, change: Change): void {
  const namespace = change.collection === 'namespaces' ? change.key : change.object.metadata.namespace;
  if (namespace === undefined) return;
  if (change.collection === 'namespaces' && change.type === 'ADDED') furnishNamespace(cluster, namespace);
  if (change.collection !== 'namespaces' && change.type !== 'DELETED') return;
  const current = cluster.storage.get('namespaces', namespace);
  if (current?.metadata.deletionTimestamp !== undefined) empty(cluster, namespace);
}
