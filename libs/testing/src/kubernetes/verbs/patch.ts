import type { Cluster } from '../cluster.ts';
import { type Answer, type ApiRequest, bodyValue, mediaType } from '../http/request.ts';
import type { Target } from '../http/target.ts';
import { isRecord } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import type { ResourceType } from '../resource-types.ts';
import { badRequest, unsupportedMediaType } from '../status-errors.ts';
import { updateObject } from '../writes/update.ts';
import { assertPatchOptions, writeOptions } from './options.ts';
import { stored } from './read.ts';
import { rendered } from './write.ts';

type Patcher = (type: ResourceType, object: unknown, patch: unknown) => unknown;

const APPLY = ['application/apply-patch+yaml', 'application/apply-patch+cbor'];

const PATCHERS: Readonly<Record<string, Patcher>> = {
  'application/json-patch+json': (_type, object, patch) => applyJsonPatch(object, patch),
  'application/merge-patch+json': (_type, object, patch) => mergePatch(object, patch),
  'application/strategic-merge-patch+json': strategicPatch,
};

function patcher(type: ResourceType, media: string): Patcher {
  const known = Object.keys(PATCHERS).filter((name) => !type.custom || !name.includes('strategic'));
  const found = known.includes(media) ? PATCHERS[media] : undefined;
  if (found === undefined) throw unsupportedMediaType([...known, ...APPLY]);
  return found;
}

/** What a patch made of an object; the name and namespace of the path stay. */
function patched(type: ResourceType, before: KubeObject, result: unknown): KubeObject {
  if (!isRecord(result)) throw badRequest('the patch does not leave an object');
  const object = asKubeObject(result);
  const revision = object.metadata.resourceVersion ?? before.metadata.resourceVersion;
  return {
    ...object,
    metadata: { ...object.metadata, ...(revision === undefined ? {} : { resourceVersion: revision }) },
  };
}

export function patch(cluster: Cluster, target: Target, request: ApiRequest): Answer {
  const media = mediaType(request);
  const apply = patcher(target.type, media);
  assertPatchOptions(request.query, false);
  const options = writeOptions(request.query, request.headers['user-agent'], 'PatchOptions');
  const before = stored(cluster, target);
  const result = patched(target.type, before, apply(target.type, before, bodyValue(request)));
  const after = updateObject(cluster, target.type, before, result, {
    manager: options.fieldManager,
    dryRun: options.dryRun,
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
  });
  return rendered(cluster, target, request, 200, after);
}
