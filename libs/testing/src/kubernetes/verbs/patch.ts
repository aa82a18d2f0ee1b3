import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyObject, bodyValue, flag, mediaType } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { isRecord, type JsonRecord, listAt, stringAt } from '../json.ts';
import { asKubeObject, type KubeObject, objectKey } from '../objects.ts';
import { applyPatch } from '../patch/apply.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge.ts';
import { mergeStrategically } from '../patch/strategic.ts';
import type { ResourceType } from '../resource-types.ts';
import {
  badRequest,
  invalid,
  invalidValue,
  notFound,
  unknownMediaType,
  unsupportedMediaType,
} from '../status-errors.ts';
import { createObject } from '../writes/create.ts';
import { updateObject } from '../writes/update.ts';
import { decodeApplied, decodePatched } from './decode.ts';
import { assertPatchOptions, writeOptions } from './options.ts';
import { stored } from './read.ts';
import { asServed } from './representation.ts';
import { assertSameName, contextOf, rendered, sentObject } from './write.ts';

type Patcher = (type: ResourceType, object: unknown, patch: unknown) => unknown;

const APPLY = 'application/apply-patch+yaml';

const PATCHERS: Readonly<Record<string, Patcher>> = {
  'application/json-patch+json': (_type, object, patch) => applyJsonPatch(object, patch),
  'application/merge-patch+json': (_type, object, patch) => mergePatch(object, patch),
  'application/strategic-merge-patch+json': (_type, object, patch) => mergeStrategically(object, patch),
};

function patcher(type: ResourceType, media: string): Patcher {
  const found = PATCHERS[media];
  if (found === undefined) throw unknownMediaType();
  if (type.custom && media.includes('strategic')) {
    throw unsupportedMediaType([...Object.keys(PATCHERS).filter((name) => name !== media), APPLY]);
  }
  return found;
}

/** The status of a custom resource is written without what is said of metadata. */
const keepsMetadata = ({ type, subresource }: Target): boolean => type.custom && subresource === 'status';

/** What a patch made of an object; the name and namespace of the path stay. */
function patched(target: Target, before: KubeObject, result: unknown): KubeObject {
  if (!isRecord(result)) throw badRequest('the patch does not leave an object');
  const { type } = target;
  const made = asKubeObject(result);
  const { uid: own = '' } = before.metadata;
  const object = keepsMetadata(target) ? { ...made, metadata: { ...made.metadata, uid: own } } : made;
  assertSameName(before.metadata.name, object.metadata.name);
  const { uid } = object.metadata;
  if (uid !== undefined && uid !== own) {
    throw invalid(type, before.metadata.name, [invalidValue('metadata.uid', uid, 'field is immutable')]);
  }
  const revision = object.metadata.resourceVersion ?? before.metadata.resourceVersion;
  return {
    ...object,
    metadata: { ...object.metadata, ...(revision === undefined ? {} : { resourceVersion: revision }) },
  };
}

function patchStored(cluster: Cluster, target: Target, request: ApiRequest, run: Patcher): Answer {
  const { type } = target;
  assertPatchOptions(request.query, false);
  const options = writeOptions(request.query, request.headers['user-agent'], 'PatchOptions');
  const before = stored(cluster, target);
  const result = patched(target, before, run(type, asServed(type, before), bodyValue(request)));
  const { object, warnings } = decodePatched(type, result, options.fieldValidation, request.body.toString('utf8'));
  const after = updateObject(cluster, type, before, asKubeObject(object), contextOf(target, options));
  return rendered(cluster, target, request, { status: 200, object: after, warnings });
}

/** @throws ApiError 400 for what can be no applied object */
function assertApplicable(body: JsonRecord): void {
  for (const field of ['kind', 'apiVersion']) {
    if (stringAt(body, field) === '') throw badRequest(`invalid object type: no ${field} in the applied object`);
  }
  if (listAt(body, 'metadata', 'managedFields').length > 0) throw badRequest('metadata.managedFields must be nil');
}

/** Creates or changes an object by server-side apply. */
function apply(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const { type, namespace, name = '' } = target;
  assertPatchOptions(request.query, true);
  const options = writeOptions(request.query, request.headers['user-agent'], 'PatchOptions');
  const body = bodyObject(request);
  assertApplicable(body);
  const sent = sentObject(cluster, target, body);
  const wanted = decodeApplied(type, sent, `${stringAt(body, 'metadata', 'namespace')}/${name}`);
  const live = cluster.storage.get(type.collection, objectKey(namespace, name));
  const order = { ...contextOf(target, options), force: flag(request.query, 'force'), nowMs: cluster.clock.now() };
  const object = applyPatch(type, live, wanted, order);
  const context = { ...contextOf(target, options), ownershipDone: true };
  if (live === undefined) {
    if (target.subresource !== undefined) throw notFound(type, name);
    return rendered(cluster, target, request, { status: 201, object: createObject(cluster, type, object, context) });
  }
  const after = updateObject(cluster, type, live, patched(target, live, object), context);
  return rendered(cluster, target, request, { status: 200, object: after });
}

export function patch(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const media = mediaType(request);
  if (media === APPLY) return apply(cluster, target, request);
  return patchStored(cluster, target, request, patcher(target.type, media));
}
