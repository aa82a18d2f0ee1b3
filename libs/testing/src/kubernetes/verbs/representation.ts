import type { Clock } from '@aad-pod-identity/runtime';

import { acceptedForm, type Form } from '../http/negotiate.ts';
import { isRecord } from '../json.ts';
import { asKubeObject, type KubeObject, objectJson } from '../objects.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { withDefaults } from '../schema/default.ts';
import { prune } from '../schema/prune.ts';
import { tableJson } from '../table/table.ts';
import type { Render } from '../watch.ts';

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

interface View {
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly includeObject: string;
}

/** By type, then by stored object: watchers and lists share what was made once. */
const served = new WeakMap<ResourceType, WeakMap<KubeObject, KubeObject>>();

function remembered(type: ResourceType, object: KubeObject, make: () => KubeObject): KubeObject {
  const known = served.get(type) ?? new WeakMap<KubeObject, KubeObject>();
  served.set(type, known);
  const made = known.get(object) ?? make();
  known.set(object, made);
  return made;
}

/** A custom resource as its schema is now, whatever it was when the object was written. */
function bySchema({ schema }: ResourceType, object: KubeObject): KubeObject {
  if (schema === undefined) return object;
  const value = withDefaults(prune(object, schema).object, schema);
  return asKubeObject(isRecord(value) ? value : {});
}

/** Objects are kept in one version; the one asked for is put on when they are served. */
export function asServed(type: ResourceType, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  if (type.custom) return remembered(type, object, () => bySchema(type, { ...object, apiVersion, kind: type.kind }));
  return object.apiVersion === apiVersion && object.kind === type.kind
    ? object
    : { ...object, apiVersion, kind: type.kind };
}

const bare = new WeakMap<object, string>();

/** Items of a list of a built-in kind carry neither kind nor apiVersion; custom resources do. */
function itemJson(type: ResourceType, object: KubeObject): string {
  if (type.custom) return objectJson(asServed(type, object));
  const known = bare.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...object, apiVersion: undefined, kind: undefined });
  bare.set(object, text);
  return text;
}

const partial = (object: KubeObject): string =>
  JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata });

const renderers: Readonly<Record<Form, (view: View) => Render>> = {
  full:
    ({ type }) =>
    (object) =>
      objectJson(asServed(type, object)),
  metadata: () => partial,
  table: ({ type, clock, includeObject }) => {
    // clients know the columns from the first table of a watch
    let first = true;
    return (object) => {
      const text = tableJson(type, [object], {}, { now: clock.now(), includeObject, columns: first });
      first = false;
      return text;
    };
  },
};

/** How one object goes out to a caller with this Accept header. */
export function renderer(accept: string | undefined, view: View): Render {
  return renderers[acceptedForm(accept)](view);
}

/** A list in the form the caller accepts, as JSON text. */
export function listJson(
  accept: string | undefined,
  view: View,
  objects: readonly KubeObject[],
  meta: ListMeta,
): string {
  const form = acceptedForm(accept);
  if (form === 'table') {
    return tableJson(view.type, objects, meta, {
      now: view.clock.now(),
      includeObject: view.includeObject,
      columns: true,
    });
  }
  const metadataOnly = form === 'metadata';
  const head = metadataOnly
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: meta }
    : { kind: view.type.listKind, apiVersion: apiVersionOf(view.type), metadata: meta };
  const items = objects.map((object) => (metadataOnly ? partial(object) : itemJson(view.type, object)));
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}\n`;
}
