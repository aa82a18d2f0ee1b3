import { isRecord, type JsonRecord } from './json.ts';

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: JsonRecord;
  subresource?: string;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/** An object as the API stores and serves it. Stored objects are never changed in place. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** What a caller may hand in where an object is expected: only the metadata must be an object. */
export function asKubeObject(value: JsonRecord): KubeObject {
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  return { ...value, metadata } as unknown as KubeObject;
}

/** Key of an object inside its collection; also its place in lists, which the real store sorts the same way. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

/** Time as the API writes it: RFC 3339, whole seconds, UTC. */
export function apiTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const jsonOf = new WeakMap<object, string>();

/** JSON text of a stored object, made once however many watchers get it. */
export function objectJson(object: object): string {
  const known = jsonOf.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  jsonOf.set(object, text);
  return text;
}
