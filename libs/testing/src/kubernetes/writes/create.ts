import { randomUUID } from 'node:crypto';

import { prepareCreate } from '../builtin/strategies.ts';
import type { Cluster } from '../cluster.ts';
import { stringAt } from '../json.ts';
import { apiTime, type KubeObject, keyOf, type ObjectMeta } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { prepareCustom } from '../schema/custom-resource.ts';
import { alreadyExists, ApiError, forbidden, invalid, notFound } from '../status-errors.ts';
import { countsGenerations } from './generation.ts';
import { generatedName, metadataProblems } from './names.ts';
import { trackUpdate } from '../patch/ownership.ts';

export interface WriteContext {
  /** Who writes, for managedFields; empty when nobody is to be remembered. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly subresource?: string;
  /** The caller has worked out managedFields already. */
  readonly ownershipDone?: boolean;
}

const RESOURCE_VERSION_SET = 'resourceVersion should not be set on objects to be created';

/** Metadata of a new object: what the server alone decides is decided here, whatever was sent. */
export function newMetadata(cluster: Cluster, type: ResourceType, meta: ObjectMeta): ObjectMeta {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, generation: _n, ...sent } = meta;
  const generated = stringAt(sent, 'name') === '' && (sent.generateName ?? '') !== '';
  return {
    ...sent,
    ...(generated ? { name: generatedName(sent.generateName ?? '') } : {}),
    uid: randomUUID(),
    creationTimestamp: apiTime(cluster.clock.now()),
    ...(countsGenerations(type) ? { generation: 1 } : {}),
  };
}

/** @throws ApiError 404 or 403 unless objects may be created in the namespace */
export function assertNamespaceOpen(cluster: Cluster, type: ResourceType, object: KubeObject): void {
  const { namespace } = object.metadata;
  if (!type.namespaced || namespace === undefined) return;
  const found = cluster.storage.get('namespaces', namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw forbidden(type, object.metadata.name, why, [cause]);
}

/**
 * Creates an object as a POST does: defaults, pruning, validation, metadata, ownership.
 * @throws ApiError in the form the API answers
 */
export function createObject(
  cluster: Cluster,
  type: ResourceType,
  input: KubeObject,
  context: WriteContext,
): KubeObject {
  if ((input.metadata.resourceVersion ?? '') !== '') throw new ApiError(500, '', RESOURCE_VERSION_SET);
  const identified: KubeObject = {
    ...input,
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: newMetadata(cluster, type, input.metadata),
  };
  assertNamespaceOpen(cluster, type, identified);
  const prepared = type.custom ? prepareCustom(type, identified) : prepareCreate(cluster, type, identified);
  const problems = [...metadataProblems(type, prepared.object), ...prepared.problems];
  if (problems.length > 0) throw invalid(type, stringAt(prepared.object, 'metadata', 'name'), problems);
  const taken = cluster.storage.get(type.collection, keyOf(prepared.object));
  if (taken !== undefined) {
    throw alreadyExists(type, taken.metadata.name, taken.metadata.deletionTimestamp !== undefined);
  }
  const owned = context.ownershipDone
    ? prepared.object
    : trackUpdate(type, undefined, prepared.object, context, cluster.clock.now());
  return context.dryRun ? owned : cluster.storage.put(type.collection, owned);
}
