import type { Cluster } from '../cluster.ts';
import { isRecord, type JsonRecord, stringAt } from '../json.ts';
import { apiTime, type KubeObject, keyOf } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { conflict, dryRunProblems, forbidden, invalid, notSupported } from '../status-errors.ts';

/** Holds a CRD until its objects are gone. */
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];
const OPTIONS = { group: 'meta.k8s.io', plural: '', kind: 'DeleteOptions' };

function assertPropagation(policy: string): void {
  if (policy === '' || POLICIES.includes(policy)) return;
  throw invalid(OPTIONS, '', [notSupported('propagationPolicy', policy, [...POLICIES, 'nil'])]);
}

function readDryRun(dryRun: readonly unknown[]): boolean {
  const problems = dryRunProblems(dryRun);
  if (problems.length > 0) throw invalid(OPTIONS, '', problems);
  return dryRun.length > 0;
}

/** Finalizers that ask the garbage collector to look at the dependents first. */
const COLLECTED: Readonly<Record<string, string>> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };

function withCollectorsFinalizer(object: KubeObject, policy: string | undefined): KubeObject {
  const finalizer = COLLECTED[policy ?? ''];
  const known = object.metadata.finalizers ?? [];
  if (finalizer === undefined || known.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...known, finalizer] } };
}

/** What the garbage collector does for an object without dependents: it lets go. */
export function collect(cluster: Cluster, collection: string, object: KubeObject): void {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  const left = finalizers.filter((name) => !Object.values(COLLECTED).includes(name));
  if (deletionTimestamp === undefined || left.length === finalizers.length) return;
  const { finalizers: _all, ...metadata } = object.metadata;
  const rest = { ...object, metadata: { ...metadata, ...(left.length === 0 ? {} : { finalizers: left }) } };
  if (left.length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0) cluster.storage.put(collection, rest);
  else cluster.storage.remove(collection, keyOf(object));
}

/** Options from the body, else from the query, as the API reads them. */
export function deleteOptions(body: JsonRecord, query: URLSearchParams): DeleteOptions {
  assertPropagation(stringAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? ''));
  const preconditions = isRecord(body.preconditions) ? body.preconditions : {};
  const grace = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined;
  const policy = stringAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  const dryRun = readDryRun(Array.isArray(body.dryRun) ? body.dryRun : query.getAll('dryRun'));
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
    ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
    ...(typeof preconditions.resourceVersion === 'string' ? { resourceVersion: preconditions.resourceVersion } : {}),
    dryRun,
  };
}

function assertPreconditions(type: ResourceType, { metadata }: KubeObject, options: DeleteOptions): void {
  // the real server names the kind here, where it names the collection everywhere else
  const named = { ...type, plural: type.kind };
  if (options.uid !== undefined && options.uid !== metadata.uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${metadata.uid ?? ''})`;
    throw conflict(named, metadata.name, `${why}. The object might have been deleted and then recreated`);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
    const versions = `(${options.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''})`;
    const why = `the ResourceVersion in the precondition ${versions}. The object might have been modified`;
    throw conflict(named, metadata.name, why);
  }
}

const DEFAULT_GRACE_SECONDS = 30;

/** Seconds a deletion waits for whoever runs the object; only a pod that runs on a node is waited for. */
function graceSeconds(cluster: Cluster, type: ResourceType, object: KubeObject, options: DeleteOptions): number {
  if (type.collection !== 'pods' || !cluster.options.gracefulPods) return 0;
  const phase = stringAt(object, 'status', 'phase');
  if (stringAt(object, 'spec', 'nodeName') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const spec = isRecord(object.spec) ? object.spec : {};
  const own = Number(spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
  const asked = options.gracePeriodSeconds ?? own;
  const running = object.metadata.deletionGracePeriodSeconds;
  return running === undefined ? Math.max(0, asked) : Math.min(running, Math.max(0, asked));
}

function terminating(cluster: Cluster, object: KubeObject, grace: number): KubeObject {
  const { metadata } = object;
  const already = metadata.deletionTimestamp;
  const at = apiTime(cluster.clock.now() + grace * 1000);
  const shorter = grace < (metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY);
  const generation = metadata.generation;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(generation === undefined || already !== undefined ? {} : { generation: generation + 1 }),
      deletionTimestamp: already !== undefined && !shorter ? already : at,
      deletionGracePeriodSeconds: grace,
    },
  };
}

/** What else changes on an object that other objects live in, while those are being deleted. */
const MARKS: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  namespaces: (object) => ({ ...object, status: { phase: 'Terminating' } }),
  'customresourcedefinitions.apiextensions.k8s.io': (object) => {
    const finalizers = new Set([...(object.metadata.finalizers ?? []), CRD_FINALIZER]);
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } };
  },
};

/** A finalizer, or a namespace's or CRD's content, keeps the object until it is gone. */
function isHeld(type: ResourceType, object: KubeObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0 || type.collection in MARKS;
}

function markTerminating(cluster: Cluster, type: ResourceType, object: KubeObject, grace: number): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  const known = cluster.storage.get(type.collection, keyOf(object));
  if (object === known && deletionTimestamp !== undefined && deletionGracePeriodSeconds === grace) return object;
  const marked = terminating(cluster, object, grace);
  return cluster.storage.put(type.collection, MARKS[type.collection]?.(marked) ?? marked);
}

const IMMORTAL = ['default', 'kube-system', 'kube-public'];

function assertMortal(type: ResourceType, { metadata: { name } }: KubeObject): void {
  if (type.collection !== 'namespaces' || !IMMORTAL.includes(name)) return;
  throw forbidden(type, name, 'this namespace may not be deleted');
}

/**
 * Deletes an object, or marks it as being deleted where somebody has to agree first.
 * @throws ApiError 409 when a precondition does not hold
 */
export function deleteObject(
  cluster: Cluster,
  type: ResourceType,
  object: KubeObject,
  options: DeleteOptions,
): { readonly object: KubeObject; readonly gone: boolean } {
  assertPreconditions(type, object, options);
  assertMortal(type, object);
  const grace = graceSeconds(cluster, type, object, options);
  const marked = withCollectorsFinalizer(object, options.propagationPolicy);
  const waits = grace > 0 || isHeld(type, marked);
  if (options.dryRun) return { object: waits ? terminating(cluster, marked, grace) : object, gone: !waits };
  if (waits) return { object: markTerminating(cluster, type, marked, grace), gone: false };
  return { object: cluster.storage.remove(type.collection, keyOf(object)) ?? object, gone: true };
}
