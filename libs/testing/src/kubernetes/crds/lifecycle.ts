import type { Cluster } from '../cluster.ts';
import { listAt, recordAt, stringAt } from '../json.ts';
import { apiTime, type KubeObject, keyOf } from '../objects.ts';
import type { Change } from '../storage.ts';
import { CRD_FINALIZER, deleteObject } from '../writes/delete.ts';
import { typesOfCrd } from './crd-types.ts';
import { defaultCrd } from './prepare-crd.ts';

export const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

const collectionOfCrd = (crd: KubeObject): string => crd.metadata.name;

function condition(type: string, reason: string, message: string, at: string): object {
  return { type, status: 'True', lastTransitionTime: at, reason, message };
}

const isEstablished = (crd: KubeObject): boolean =>
  listAt(crd, 'status', 'conditions').some((entry) => stringAt(entry, 'type') === 'Established');

/** What the API extension controllers do with a new CRD: accept its names, declare it established. */
function establish(cluster: Cluster, created: KubeObject): void {
  const crd = defaultCrd(created);
  const at = apiTime(cluster.clock.now());
  const stored = listAt(crd, 'spec', 'versions').flatMap((version) =>
    recordAt({ version }, 'version').storage === true ? [stringAt(version, 'name')] : [],
  );
  cluster.storage.put(CRDS, {
    ...crd,
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found', at),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted', at),
      ],
      acceptedNames: recordAt(crd, 'spec', 'names'),
      storedVersions: stored,
    },
  });
}

function serve(cluster: Cluster, crd: KubeObject): void {
  cluster.registry.removeCollection(collectionOfCrd(crd));
  for (const type of typesOfCrd(crd)) cluster.registry.add(type);
}

/** Deletes all objects of a CRD that is being deleted; once there are none the CRD goes too. */
function clean(cluster: Cluster, crd: KubeObject): void {
  const [type] = typesOfCrd(crd);
  const left = cluster.storage.list(collectionOfCrd(crd));
  for (const object of left) {
    if (type !== undefined && object.metadata.deletionTimestamp === undefined) {
      deleteObject(cluster, type, object, { dryRun: false });
    }
  }
  const current = cluster.storage.get(CRDS, keyOf(crd));
  if (current === undefined || cluster.storage.list(collectionOfCrd(crd)).length > 0) return;
  const finalizers = (current.metadata.finalizers ?? []).filter((name) => name !== CRD_FINALIZER);
  if (finalizers.length === 0) cluster.storage.remove(CRDS, keyOf(crd));
  else if (finalizers.length !== current.metadata.finalizers?.length) {
    cluster.storage.put(CRDS, { ...current, metadata: { ...current.metadata, finalizers } });
  }
}

/** Keeps what is served in step with the CRDs that are stored. */
export function followCrds(cluster: Cluster, change: Change): void {
  if (change.collection === CRDS) {
    if (change.type === 'DELETED') {
      cluster.registry.removeCollection(collectionOfCrd(change.object));
      return;
    }
    serve(cluster, change.object);
    if (change.object.metadata.deletionTimestamp !== undefined) clean(cluster, change.object);
    else if (!isEstablished(change.object)) establish(cluster, change.object);
    return;
  }
  if (change.type !== 'DELETED') return;
  const crd = cluster.storage.get(CRDS, change.collection);
  if (crd?.metadata.deletionTimestamp !== undefined) clean(cluster, crd);
}
