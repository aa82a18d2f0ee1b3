import {
  API_VERSION,
  type AzureIdentity,
  type AzureIdentityBinding,
  type Condition,
  LEGACY_FINALIZER,
} from '@aad-pod-identity/crd-types';
import type { RecordView } from '../world/views.ts';
import type { Need } from './need.ts';

export type RecordState = 'Created' | 'Assigned';

/** What a record is to say about its assignment. */
export interface RecordStatus {
  readonly state: RecordState;
  /** Of the condition Ready. */
  readonly reason: string;
  readonly message: string;
}

/** Some node names are longer than a label value may be; they are in the spec all the same. */
const MAX_LABEL_LENGTH = 63;

function labelsFor(node: string): Record<string, string> {
  return node.length > MAX_LABEL_LENGTH ? {} : { nodename: node };
}

function readyValue({ state }: RecordStatus): 'True' | 'False' {
  return state === 'Assigned' ? 'True' : 'False';
}

/** A copy says whose it is; what the API server keeps about the original stays there. */
function copyOf({ apiVersion, kind, metadata, spec }: AzureIdentity | AzureIdentityBinding) {
  const { name, namespace, uid, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, uid, annotations }, spec };
}

function specFor({ pod, identity, binding }: Need) {
  return {
    azureIdentityRef: copyOf(identity),
    azureBindingRef: copyOf(binding),
    pod: pod.name,
    podNamespace: pod.namespace,
    nodename: pod.node,
    replicas: 1,
  };
}

/** `now` is RFC 3339: when the condition changed, if it did. */
function statusFor(status: RecordStatus, before: Condition | undefined, now: string) {
  const ready = readyValue(status);
  const { reason, message } = status;
  const lastTransitionTime = before?.status === ready ? before.lastTransitionTime || now : now;
  const conditions = [{ type: 'Ready', status: ready, reason, message, lastTransitionTime }];
  return { status: status.state, availableReplicas: 1, conditions };
}

/** The body that creates a record. Without a finalizer: nothing about Azure is remembered in records alone. */
export function newRecord(need: Need, place: { namespace: string; name: string }, status: RecordStatus, now: string) {
  return {
    apiVersion: API_VERSION,
    kind: 'AzureAssignedIdentity',
    metadata: { ...place, labels: labelsFor(need.pod.node) },
    spec: specFor(need),
    status: statusFor(status, undefined, now),
  };
}

/**
 * MIC alone writes records, so who owns which field is of no use, and is two fifths of a record: without it the API
 * server takes a third less time for a patch, and every NMI reads less (docs/performance.md). One empty entry is how the
 * API says to forget it.
 */
const FORGET_OWNERS = { managedFields: [{}] };

/**
 * The merge patch that makes `record` say `status`, and say it of `need` if that is given; refused as a conflict if the
 * record is another by then.
 */
export function recordPatch(record: RecordView, need: Need | undefined, status: RecordStatus, now: string) {
  const { resourceVersion } = record;
  const labels = need === undefined ? {} : { labels: labelsFor(need.pod.node) };
  const metadata = { resourceVersion, ...FORGET_OWNERS, ...labels };
  const content = need === undefined ? {} : { spec: specFor(need) };
  return { metadata, ...content, status: statusFor(status, record.ready, now) };
}

/** The merge patch that takes 1.8.17's finalizer off; those of others stay. */
export function releasePatch({ finalizers, resourceVersion }: RecordView) {
  return { metadata: { resourceVersion, finalizers: finalizers.filter((each) => each !== LEGACY_FINALIZER) } };
}

/** What is compared in every pass and never changes: parts of objects as they were read. */
const texts = new WeakMap<object, string>();

function textOf(part: object): string {
  const text = texts.get(part) ?? JSON.stringify(part);
  texts.set(part, text);
  return text;
}

const sameContent = (a: object, b: object): boolean => a === b || textOf(a) === textOf(b);

function sameIdentity(recorded: AzureIdentity, { spec, metadata }: AzureIdentity): boolean {
  return sameContent(recorded.spec, spec) && sameContent(recorded.metadata.annotations, metadata.annotations);
}

/** A binding of another name that says the same is another binding: Events and people look for it. */
function sameBinding(a: AzureIdentityBinding, b: AzureIdentityBinding): boolean {
  return a.metadata.name === b.metadata.name && sameContent(a.spec, b.spec);
}

/**
 * How much of `record` must be written: its status, or all of it. Records that 1.8.17 wrote carry no condition; they
 * are left as they are while nothing is wrong with them.
 */
export function difference(record: RecordView, need: Need, status: RecordStatus): 'none' | 'status' | 'content' {
  const { identity, binding, node } = record;
  if (identity === undefined || binding === undefined || node !== need.pod.node) return 'content';
  if (!sameIdentity(identity, need.identity) || !sameBinding(binding, need.binding)) return 'content';
  if (record.state !== status.state) return 'status';
  if (record.ready === undefined) return status.state === 'Assigned' ? 'none' : 'status';
  const { reason, message } = record.ready;
  const same = record.ready.status === readyValue(status) && reason === status.reason && message === status.message;
  return same ? 'none' : 'status';
}
