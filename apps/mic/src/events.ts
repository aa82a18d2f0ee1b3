import { API_VERSION, type AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import { fitted } from '@aad-pod-identity/runtime';
import type { Need } from './plan/need.ts';
import type { Notice } from './plan/notice.ts';
import { REASONS } from './plan/reasons.ts';
import type { Fault } from './plan/target-plan.ts';
import type { RecordView } from './world/views.ts';

/** An Event as a value: whoever has a recorder records it. */
export interface EventValue {
  readonly regarding: { apiVersion: string; kind: string; namespace: string; name: string; uid: string };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The most that Kubernetes takes for the message of an Event. */
const MAX_BYTES = 1024;

function onBinding({ metadata }: AzureIdentityBinding, event: Omit<EventValue, 'regarding'>): EventValue {
  const { namespace, name, uid } = metadata;
  const regarding = { apiVersion: API_VERSION, kind: 'AzureIdentityBinding', namespace, name, uid };
  return { regarding, ...event, message: fitted(event.message, MAX_BYTES) };
}

/** What failed, and why: if that is too long, it is the reason that is shortened. */
function withReason(what: string, { reason, message }: Fault): string {
  const start = `${what}: ${reason}: `;
  return start + fitted(message, MAX_BYTES - Buffer.byteLength(start));
}

const sentence = (identity: string, pod: string, node: string): string =>
  `identity ${identity} for pod ${pod} on node ${node}`;

const ofNeed = ({ identity, pod }: Need): string =>
  sentence(identity.metadata.name, `${pod.namespace}/${pod.name}`, pod.node);

export function bindingApplied(need: Need, record: RecordView): EventValue {
  const message = `${ofNeed(need)} is assigned, see AzureAssignedIdentity ${record.namespace}/${record.name}`;
  return onBinding(need.binding, { type: 'Normal', reason: 'binding applied', message });
}

export function bindingApplyError(need: Need, fault: Fault): EventValue {
  const message = withReason(`${ofNeed(need)} could not be assigned`, fault);
  return onBinding(need.binding, { type: 'Warning', reason: 'binding apply error', message });
}

/** Once for each binding, whatever the number of its pods. `place` is the VM or scale set. */
export function identityRecreated({ binding, identity }: Need, place: string): EventValue {
  const { namespace, name } = identity.metadata;
  const message = `identity ${namespace}/${name} was deleted and recreated in Azure: the old one was taken off ${place}, and the new one is put there`;
  return onBinding(binding, { type: 'Warning', reason: 'identity recreated', message });
}

/** Of a pod that gets nothing, the binding's Event is the one of 1.8.17; what 1.8.17 does not tell has its own name. */
function noticeEvent({ reason, detail, pod, binding }: Notice): Omit<EventValue, 'regarding'> {
  const { type, about } = REASONS[reason];
  const whose = pod === undefined ? '' : `pod ${pod.namespace}/${pod.name}: `;
  const isError = about === 'binding' && type === 'Warning' && binding !== undefined;
  const what = isError ? `${whose}${reason}: ${detail}` : detail;
  return { type, reason: isError ? 'binding apply error' : reason, message: fitted(what, MAX_BYTES) };
}

/** None for what concerns no object. */
export function noticed(notice: Notice): EventValue | undefined {
  const { reason, pod, binding } = notice;
  const { about } = REASONS[reason];
  const event = noticeEvent(notice);
  if (about === 'pod' && pod !== undefined) {
    const { namespace, name, uid } = pod;
    return { regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, ...event };
  }
  if (about !== 'binding' || binding === undefined) return undefined;
  return { regarding: { apiVersion: API_VERSION, kind: 'AzureIdentityBinding', ...binding }, ...event };
}

export function statusUpdateError({ namespace, name, uid }: RecordView, reason: string): EventValue {
  const regarding = { apiVersion: API_VERSION, kind: 'AzureAssignedIdentity', namespace, name, uid };
  const message = fitted(`its state could not be written: ${reason}`, MAX_BYTES);
  return { regarding, type: 'Warning', reason: 'status update error', message };
}

/** None for a record that names no binding: there is nobody to tell. */
export function bindingRemoved(record: RecordView): EventValue | undefined {
  const { binding, identity, pod, podNamespace, node } = record;
  if (binding === undefined) return undefined;
  const message = `${sentence(identity?.metadata.name ?? '', `${podNamespace}/${pod}`, node)} is released`;
  return onBinding(binding, { type: 'Normal', reason: 'binding removed', message });
}

export function bindingRemoveError(record: RecordView, fault: Fault): EventValue | undefined {
  const { binding, identity, pod, podNamespace, node } = record;
  if (binding === undefined) return undefined;
  const what = sentence(identity?.metadata.name ?? '', `${podNamespace}/${pod}`, node);
  const message = withReason(`${what} could not be released`, fault);
  return onBinding(binding, { type: 'Warning', reason: 'binding remove error', message });
}
