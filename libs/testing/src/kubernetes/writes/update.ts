import { prepareUpdate } from '../builtin/strategies.ts';
import type { Cluster } from '../cluster.ts';
import { sameJson } from '../json.ts';
import { type KubeObject, keyOf, type ObjectMeta } from '../objects.ts';
import { trackUpdate } from '../patch/ownership.ts';
import type { ResourceType } from '../resource-types.ts';
import { prepareCustom } from '../schema/custom-resource.ts';
import { type FieldProblem, conflict, forbiddenField, invalid, MODIFIED_MEANWHILE } from '../status-errors.ts';
import type { WriteContext } from './create.ts';
import { nextGeneration } from './generation.ts';
import { metadataProblems } from './names.ts';

/** Kinds that a PUT must name the revision of. */
const REVISION_REQUIRED = new Set([
  'leases.coordination.k8s.io',
  'serviceaccounts',
  'customresourcedefinitions.apiextensions.k8s.io',
  'poddisruptionbudgets.policy',
]);

function assertRevision(type: ResourceType, before: KubeObject, after: ObjectMeta): void {
  const sent = after.resourceVersion ?? '';
  if (sent === '' && (type.custom || REVISION_REQUIRED.has(type.collection))) {
    const field = 'metadata.resourceVersion';
    // the real server names the collection here, where it names the kind everywhere else
    throw invalid({ ...type, kind: type.plural }, after.name, [
      { reason: 'FieldValueInvalid', field, message: 'Invalid value: 0: must be specified for an update' },
    ]);
  }
  if (sent !== '' && sent !== before.metadata.resourceVersion) throw conflict(type, after.name, MODIFIED_MEANWHILE);
}

function assertUid(type: ResourceType, before: KubeObject, after: ObjectMeta): void {
  if (after.uid === undefined || after.uid === '' || after.uid === before.metadata.uid) return;
  const uids = `UID in precondition: ${after.uid}, UID in object meta: ${before.metadata.uid ?? ''}`;
  const where = `Key: /registry/${type.collection}/${keyOf(before)}, ResourceVersion: 0`;
  const why = `StorageError: invalid object, Code: 4, ${where}, AdditionalErrorMsg: Precondition failed: ${uids}`;
  throw conflict(type, after.name, why);
}

/** Fields of the metadata that no update changes; what was sent for them is ignored. */
function keptMetadata(before: ObjectMeta, after: ObjectMeta): ObjectMeta {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, generation: _n, resourceVersion: _r, ...sent } = after;
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generateName, resourceVersion } =
    before;
  return {
    ...sent,
    ...(generateName === undefined ? {} : { generateName }),
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Once an object is being deleted its finalizers may only go. */
function finalizerProblems(before: KubeObject, after: KubeObject): FieldProblem[] {
  if (before.metadata.deletionTimestamp === undefined) return [];
  const known = new Set(before.metadata.finalizers);
  const added = (after.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${goSlice(added)}`;
  return [forbiddenField('metadata.finalizers', detail)];
}

const goSlice = (values: readonly string[]): string => `[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}`;

/** Nothing but timestamps of ownership differs: the write is none. */
function unchanged(before: KubeObject, after: KubeObject): boolean {
  const bare = (object: KubeObject): unknown => ({
    ...object,
    metadata: {
      ...object.metadata,
      managedFields: object.metadata.managedFields?.map((entry) => ({ ...entry, time: '' })),
    },
  });
  return sameJson(bare(before), bare(after));
}

function commit(cluster: Cluster, type: ResourceType, before: KubeObject, after: KubeObject): KubeObject {
  if (unchanged(before, after)) return before;
  const over = after.metadata.deletionTimestamp !== undefined && isFinished(type, after);
  if (!over) return cluster.storage.put(type.collection, after);
  cluster.storage.remove(type.collection, keyOf(before));
  return after;
}

/** Nobody waits for this deletion any more: no finalizer, and no grace period that runs. */
function isFinished(type: ResourceType, { metadata, ...rest }: KubeObject): boolean {
  if ((metadata.finalizers ?? []).length > 0) return false;
  if (type.collection === 'namespaces')
    return sameJson((rest.spec as { finalizers?: unknown } | undefined)?.finalizers ?? [], []);
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/**
 * Replaces an object as PUT and every patch do. A last finalizer that goes ends a deletion.
 * @returns the object as stored, or as it would be for a dry run
 * @throws ApiError in the form the API answers
 */
export function updateObject(
  cluster: Cluster,
  type: ResourceType,
  before: KubeObject,
  input: KubeObject,
  context: WriteContext,
): KubeObject {
  assertUid(type, before, input.metadata);
  assertRevision(type, before, input.metadata);
  const kept: KubeObject = { ...input, metadata: keptMetadata(before.metadata, input.metadata) };
  const prepared = type.custom
    ? prepareCustom(type, kept, before, context.subresource)
    : prepareUpdate(type, before, kept, context.subresource);
  const problems = [
    ...metadataProblems(type, prepared.object),
    ...finalizerProblems(before, prepared.object),
    ...prepared.problems,
  ];
  if (problems.length > 0) throw invalid(type, before.metadata.name, problems);
  const generation = nextGeneration(type, before, prepared.object);
  const counted: KubeObject =
    generation === undefined
      ? prepared.object
      : { ...prepared.object, metadata: { ...prepared.object.metadata, generation } };
  const owned = context.ownershipDone ? counted : trackUpdate(type, before, counted, context, cluster.clock.now());
  return context.dryRun ? owned : commit(cluster, type, before, owned);
}
