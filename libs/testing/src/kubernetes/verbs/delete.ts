import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import type { JsonRecord } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { deleteObject, deleteOptions } from '../writes/delete.ts';
import { listOptions } from './options.ts';
import { selection, stored, view } from './read.ts';
import { listJson, renderer } from './representation.ts';

/** Kinds whose deletion answers with the object that went instead of a Status. */
const RETURNS_OBJECT = new Set(['pods', 'services', 'serviceaccounts', 'resourcequotas']);

function success(type: ResourceType, { metadata }: KubeObject): JsonRecord {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: metadata.name,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      uid: metadata.uid,
    },
  };
}

const sentOptions = (request: ApiRequest) =>
  deleteOptions(request.body.length === 0 ? {} : bodyObject(request), request.query);

export function remove(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const { type } = target;
  const { object, gone } = deleteObject(cluster, type, stored(cluster, target), sentOptions(request));
  if (gone && !RETURNS_OBJECT.has(type.collection)) return { status: 200, body: success(type, object) };
  return { status: 200, body: renderer(request.headers.accept, view(cluster, type, request))(object) };
}

export function removeCollection(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const { type } = target;
  const accepts = selection(target, listOptions(request.query, false));
  const options = sentOptions(request);
  const removed = cluster.storage
    .list(type.collection)
    .filter(accepts)
    .map((object) => deleteObject(cluster, type, object, options).object);
  const meta = { resourceVersion: String(cluster.storage.revision) };
  return { status: 200, body: listJson(request.headers.accept, view(cluster, type, request), removed, meta) };
}
