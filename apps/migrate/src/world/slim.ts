import { type Meta, type Read, readMeta } from '@aad-pod-identity/crd-types';
import type { FieldTree } from '@aad-pod-identity/kube';
import type { OwnerReference, PodShape, PodView, Readable, ServiceAccountView, WorkloadView } from './views.ts';

/** From an object of the API server to what the plan keeps of it. None of these throws. */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object at `path`; empty where there is none. */
function at(value: unknown, ...path: readonly string[]): Fields {
  const found = path.reduce<unknown>((object, key) => (isFields(object) ? object[key] : undefined), value);
  return isFields(found) ? found : {};
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isFields(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function metaOf(raw: unknown): Meta | undefined {
  const read = readMeta(raw);
  return read.ok && read.value.name !== '' ? read.value : undefined;
}

function ownerOf(raw: unknown): OwnerReference | undefined {
  const owner = list(at(raw, 'metadata').ownerReferences).find((each) => at(each).controller === true);
  if (owner === undefined) return undefined;
  const { apiVersion, kind, name, uid } = at(owner);
  return { apiVersion: text(apiVersion), kind: text(kind), name: text(name), uid: text(uid) };
}

function shapeOf(labels: unknown, spec: Fields): PodShape {
  return {
    labels: texts(labels),
    serviceAccount: text(spec.serviceAccountName) || 'default',
    hostNetwork: spec.hostNetwork === true,
  };
}

const META: FieldTree = { name: true, namespace: true, uid: true, ownerReferences: true };
const POD_SPEC: FieldTree = { serviceAccountName: true, hostNetwork: true };
const TEMPLATE: FieldTree = { metadata: { labels: true }, spec: POD_SPEC };

export const POD_FIELDS: FieldTree = {
  metadata: { ...META, labels: true },
  spec: POD_SPEC,
  status: { phase: true },
};

const FINISHED = ['Succeeded', 'Failed'];

/** Undefined for a pod that has ended: nobody asks for its tokens any more. */
export function slimPod(raw: unknown): PodView | undefined {
  const meta = metaOf(raw);
  if (meta === undefined || FINISHED.includes(text(at(raw, 'status').phase))) return undefined;
  const { namespace, name, labels } = meta;
  return { namespace, name, owner: ownerOf(raw), ...shapeOf(labels, at(raw, 'spec')) };
}

export const WORKLOAD_FIELDS: FieldTree = {
  metadata: META,
  spec: {
    selector: { matchLabels: true },
    updateStrategy: { type: true },
    template: TEMPLATE,
    jobTemplate: { spec: { template: TEMPLATE } },
  },
  status: { conditions: { type: true, status: true } },
};

/** A Job that has ended makes no pods any more. */
function hasEnded(raw: unknown): boolean {
  return list(at(raw, 'status').conditions).some((each) => {
    const { type, status } = at(each);
    return status === 'True' && (type === 'Complete' || type === 'Failed');
  });
}

export function slimWorkload(of: { readonly apiVersion: string; readonly kind: string }) {
  const path = of.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'];
  return (raw: unknown): WorkloadView | undefined => {
    const meta = metaOf(raw);
    if (meta === undefined || (of.kind === 'Job' && hasEnded(raw))) return undefined;
    const template = at(raw, ...path);
    return {
      ...of,
      ...{ namespace: meta.namespace, name: meta.name, uid: meta.uid, owner: ownerOf(raw) },
      template: shapeOf(at(template, 'metadata').labels, at(template, 'spec')),
      selectorKeys: Object.keys(at(raw, 'spec', 'selector', 'matchLabels')),
      replacesOnDelete: at(raw, 'spec', 'updateStrategy').type === 'OnDelete',
    };
  };
}

const ACCOUNT_FIELDS = ['imagePullSecrets', 'automountServiceAccountToken', 'secrets'];

export function slimServiceAccount(raw: unknown): ServiceAccountView | undefined {
  const meta = metaOf(raw);
  if (meta === undefined) return undefined;
  const { namespace, name, labels, annotations } = meta;
  const fields = Object.entries(at(raw)).filter(([key]) => ACCOUNT_FIELDS.includes(key));
  return { namespace, name, labels, annotations, fields: Object.fromEntries(fields) };
}

/** A slimming function for the objects of AAD Pod Identity, from their reader. */
export function slimReadable<T>(read: (raw: unknown) => Read<T>): (raw: unknown) => Readable<T> | undefined {
  return (raw) => {
    const meta = metaOf(raw);
    if (meta === undefined) return undefined;
    const { namespace, name } = meta;
    const found = read(raw);
    return found.ok ? { namespace, name, value: found.value } : { namespace, name, problem: found.reason };
  };
}
