import type { Cluster } from '../cluster.ts';
import { isRecord, type JsonRecord, stringAt } from '../json.ts';
import { apiTime, type KubeObject, keyOf } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { conflict } from '../status-errors.ts';

/** Holds a CRD until its objects are gone. */
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
}

/** Options from the body, else from the query, as the API reads them. */
export function deleteOptions(body: JsonRecord, query: URLSearchParams): DeleteOptions {
  const preconditions = isRecord(body.preconditions) ? body.preconditions : {};
  const grace = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined;
  const policy = stringAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  const dryRun = Array.isArray(body.dryRun) ? body.dryRun.length > 0 : query.has('dryRun');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === '' ? {} : { propagationPolicy: policy }),
    ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
    ...(typeof preconditions.resourceVersion === 'string' ? { resourceVersion: preconditions.resourceVersion } : {}),
    dryRun,
  };
}

function assertPreconditions(type: ResourceType, { metadata }: KubeObject, options: DeleteOptions): void {
  if (options.uid !== undefined && options.uid !== metadata.uid) {
    const why = `UID in precondition: ${options.uid}, UID in object meta: ${metadata.uid ?? ''}`;
    throw conflict(type, metadata.name, `Precondition failed: ${why}`);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(type, metadata.name, `Precondition failed: ${why}`);
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
  if (deletionTimestamp !== undefined && deletionGracePeriodSeconds === grace) return object;
  const marked = terminating(cluster, object, grace);
  return cluster.storage.put(type.collection, MARKS[type.collection]?.(marked) ?? marked);
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
  const grace = graceSeconds(cluster, type, object, options);
  const waits = grace > 0 || isHeld(type, object);
  if (options.dryRun) return { object: waits ? terminating(cluster, object, grace) : object, gone: !waits };
  if (waits) return { object: markTerminating(cluster, type, object, grace), gone: false };
  return { object: cluster.storage.remove(type.collection, keyOf(object)) ?? object, gone: true };
}
