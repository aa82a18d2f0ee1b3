import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject, duplicatesIn, type Reply } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { type JsonRecord, stringAt } from '../json.ts';
import { asKubeObject, type KubeObject, objectKey } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { badRequest, invalid, invalidValue, notFound } from '../status-errors.ts';
import { createObject, type WriteContext } from '../writes/create.ts';
import { updateObject } from '../writes/update.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import { view } from './read.ts';
import { decode } from './decode.ts';
import { renderer } from './representation.ts';

function assertCustomKind(type: ResourceType, sent: JsonRecord): void {
  const expected = apiVersionOf(type);
  const version = stringAt(sent, 'apiVersion');
  const kind = stringAt(sent, 'kind');
  if (kind === '') {
    const text = JSON.stringify(sent);
    const why = `Object 'Kind' is missing in '${text}' (${text})`;
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why}`);
  }
  if (version !== expected) {
    throw badRequest(`the API version in the data (${version}) does not match the expected API version (${expected})`);
  }
  if (kind !== type.kind) {
    throw invalid({ ...type, kind }, stringAt(sent, 'metadata', 'name'), [
      invalidValue('kind', kind, `must be ${type.kind}`),
    ]);
  }
}

/** Where the real server says that it knows no such kind. */
const SCHEME = 'in scheme "pkg/runtime/scheme.go:111"';

/** Name of the package of a group's internal types. */
const internalGroup = (group: string): string => (group === '' ? 'core' : (group.split('.')[0] ?? ''));

function assertBuiltinKind(cluster: Cluster, type: ResourceType, sent: JsonRecord): void {
  const version = stringAt(sent, 'apiVersion') || apiVersionOf(type);
  const kind = stringAt(sent, 'kind') || type.kind;
  if (version === apiVersionOf(type) && kind === type.kind) return;
  const short = version.split('/').at(-1) ?? '';
  const known = cluster.registry.byKind(version, kind);
  const why =
    known === undefined || known.custom
      ? `no kind "${kind}" is registered for version "${version}" ${SCHEME}`
      : `converting (${short}.${kind}) to (${internalGroup(type.group)}.${type.kind}): unknown conversion`;
  throw badRequest(`${kind} in version "${short}" cannot be handled as a ${type.kind}: ${why}`);
}

/** @throws ApiError 400 when the name is not that of the path */
export function assertSameName(expected: string, name: unknown): void {
  if (name === expected) return;
  if (typeof name !== 'string' || name === '') {
    throw badRequest(`the name of the object (${expected} based on URL) was undeterminable: name must be provided`);
  }
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${expected})`);
}

/** The object a POST or PUT carries, in the namespace of its path. @throws ApiError 400 */
export function sentObject(cluster: Cluster, target: Target, body: JsonRecord): KubeObject {
  if (target.type.custom) assertCustomKind(target.type, body);
  else assertBuiltinKind(cluster, target.type, body);
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
  const sent = sentObject(cluster, target, bodyObject(request));
  const duplicates = duplicatesIn(request);
  const { object, warnings } = decode(target.type, sent, options.fieldValidation, duplicates);
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
  const sent = sentObject(cluster, target, bodyObject(request));
  const { name } = sent.metadata;
  assertSameName(target.name ?? '', name);
  const decoded = decode(target.type, sent, options.fieldValidation, duplicatesIn(request));
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
