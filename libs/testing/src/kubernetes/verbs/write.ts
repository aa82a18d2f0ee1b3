import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject, type Reply } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { type JsonRecord } from '../json.ts';
import { asKubeObject, type KubeObject, objectKey } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { badRequest, notFound } from '../status-errors.ts';
import { createObject, type WriteContext } from '../writes/create.ts';
import { updateObject } from '../writes/update.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import { view } from './read.ts';
import { decode } from './decode.ts';
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

export const contextOf = (target: Target, options: WriteOptions): WriteContext => ({
  manager: options.fieldManager,
  dryRun: options.dryRun,
  ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
});

export function rendered(
  cluster: Cluster,
  target: Target,
  request: ApiRequest,
  outcome: { readonly status: number; readonly object: KubeObject; readonly warnings?: readonly string[] },
): Reply {
  const render = renderer(request.headers.accept, view(cluster, target.type, request));
  return { status: outcome.status, body: render(outcome.object), warnings: outcome.warnings ?? [] };
}

export function create(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = writeOptions(request.query, request.headers['user-agent'], 'CreateOptions');
  const sent = sentObject(target, bodyObject(request));
  const { object, warnings } = decode(target.type, sent, options.fieldValidation);
  const created = createObject(cluster, target.type, asKubeObject(object), contextOf(target, options));
  return rendered(cluster, target, request, { status: 201, object: created, warnings });
}

/** Kinds that a PUT may create. */
const CREATED_BY_PUT = new Set(['leases.coordination.k8s.io', 'endpoints', 'events']);

function putNew(cluster: Cluster, target: Target, object: KubeObject, options: WriteOptions): KubeObject {
  if (!CREATED_BY_PUT.has(target.type.collection)) throw notFound(target.type, target.name ?? '');
  return createObject(cluster, target.type, object, contextOf(target, options));
}

export function update(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const options = writeOptions(request.query, request.headers['user-agent'], 'UpdateOptions');
  const sent = sentObject(target, bodyObject(request));
  const { name } = sent.metadata;
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name ?? ''})`);
  }
  const decoded = decode(target.type, sent, options.fieldValidation);
  const object = asKubeObject(decoded.object);
  const { warnings } = decoded;
  const before = cluster.storage.get(target.type.collection, objectKey(target.namespace, name));
  if (before === undefined) {
    return rendered(cluster, target, request, {
      status: 201,
      object: putNew(cluster, target, object, options),
      warnings,
    });
  }
  const after = updateObject(cluster, target.type, before, object, contextOf(target, options));
  return rendered(cluster, target, request, { status: 200, object: after, warnings });
}
