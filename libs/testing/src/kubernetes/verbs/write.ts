import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject, type Reply } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { type JsonRecord } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { badRequest } from '../status-errors.ts';
import { createObject, type WriteContext } from '../writes/create.ts';
import { updateObject } from '../writes/update.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import { stored, view } from './read.ts';
import { renderer } from './representation.ts';

function assertKind(type: ResourceType, sent: JsonRecord): void {
  const expected = apiVersionOf(type);
  const { apiVersion = '', kind = '' } = sent;
  if (type.custom && kind === '') throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(sent)}'`);
  if (apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== '' && kind !== type.kind) {
    throw badRequest(
      `${String(kind)} in version "${type.version}" cannot be handled as a ${type.kind}: no kind "${String(kind)}" is registered`,
    );
  }
}

/** The object a POST or PUT carries, in the namespace of its path. @throws ApiError 400 */
export function sentObject(target: Target, body: JsonRecord): KubeObject {
  assertKind(target.type, body);
  const object = asKubeObject(body);
  const { namespace } = object.metadata;
  if (target.namespace !== undefined && namespace !== undefined && namespace !== '' && namespace !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { namespace: _sent, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: target.namespace === undefined ? metadata : { ...metadata, namespace: target.namespace },
  };
}

const contextOf = (target: Target, options: WriteOptions): WriteContext => ({
  manager: options.fieldManager,
  dryRun: options.dryRun,
  ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
});

export function rendered(
  cluster: Cluster,
  target: Target,
  request: ApiRequest,
  status: number,
  object: KubeObject,
): Reply {
  return { status, body: renderer(request.headers.accept, view(cluster, target.type, request))(object) };
}

export function create(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = writeOptions(request.query, request.headers['user-agent'], 'CreateOptions');
  const object = createObject(
    cluster,
    target.type,
    sentObject(target, bodyObject(request)),
    contextOf(target, options),
  );
  return rendered(cluster, target, request, 201, object);
}

export function update(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = writeOptions(request.query, request.headers['user-agent'], 'UpdateOptions');
  const object = sentObject(target, bodyObject(request));
  const { name } = object.metadata;
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name ?? ''})`);
  }
  const before = stored(cluster, target);
  const after = updateObject(cluster, target.type, before, object, contextOf(target, options));
  return rendered(cluster, target, request, 200, after);
}
