import { parseProviderId } from '@aad-pod-identity/azure-arm';
import {
  type AzureAssignedIdentity,
  type AzureIdentity,
  BEHAVIOR_ANNOTATION,
  type Meta,
  POD_LABEL,
  type Read,
  readAzureAssignedIdentity,
  readAzureIdentity,
  readMeta,
} from '@aad-pod-identity/crd-types';
import type { FieldTree } from '@aad-pod-identity/kube';
import { hasTaint } from '../startup-taint/taint.ts';
import { interned } from './interned.ts';
import type { IdentityView, NmiView, NodeView, PodView, Readable, RecordView, Said } from './views.ts';

/** From an object of the API server to what MIC keeps of it. None of these throws. */

interface RawPod {
  spec?: { nodeName?: string | null; serviceAccountName?: string | null; hostNetwork?: boolean | null } | null;
  status?: { phase?: string | null; conditions?: readonly { type?: string; status?: string }[] | null } | null;
}

interface RawNode {
  spec?: { providerID?: string | null } | null;
}

function metaOf(raw: unknown): Meta | undefined {
  const read = readMeta(raw);
  return read.ok && read.value.name !== '' ? read.value : undefined;
}

/** What `slimPod` reads besides names. */
export const POD_FIELDS: FieldTree = {
  metadata: { uid: true, labels: true },
  spec: { nodeName: true, serviceAccountName: true, hostNetwork: true },
  status: { phase: true },
};

export function slimPod(raw: unknown): PodView | undefined {
  const meta = metaOf(raw);
  if (meta === undefined) return undefined;
  const { spec, status } = raw as RawPod;
  return {
    namespace: meta.namespace,
    name: meta.name,
    uid: meta.uid,
    node: spec?.nodeName ?? '',
    label: meta.labels[POD_LABEL] ?? '',
    serviceAccount: spec?.serviceAccountName ?? 'default',
    hostNetwork: spec?.hostNetwork === true,
    finished: status?.phase === 'Succeeded' || status?.phase === 'Failed',
  };
}

/** What `slimNmi` reads besides names. */
export const NMI_FIELDS: FieldTree = {
  metadata: { labels: true, deletionTimestamp: true },
  spec: { nodeName: true },
  status: { phase: true, conditions: true },
};

/** The label that pods of NMI have in the manifests and in the chart of 1.8.17 alike. */
export const NMI_SELECTOR = 'tier=node';
const COMPONENT_LABELS = ['component', 'app.kubernetes.io/component'];

/** Nothing of a pod that is none of NMI, or does not run. */
export function slimNmi(raw: unknown): NmiView | undefined {
  const meta = metaOf(raw);
  if (meta?.deletionTimestamp !== '') return undefined;
  const { spec, status } = raw as RawPod;
  const isNmi = COMPONENT_LABELS.some((label) => meta.labels[label] === 'nmi');
  if (!isNmi || status?.phase !== 'Running') return undefined;
  const isReady = status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
  return { namespace: meta.namespace, name: meta.name, node: spec?.nodeName ?? '', isReady };
}

/** What `slimNode` reads besides names. */
export const NODE_FIELDS: FieldTree = { metadata: {}, spec: { providerID: true, taints: true } };

/** `startupTaint` is a key; empty for none. */
export function slimNode(raw: unknown, startupTaint: string): NodeView | undefined {
  const meta = metaOf(raw);
  if (meta === undefined) return undefined;
  const target = parseProviderId((raw as RawNode).spec?.providerID ?? '');
  return { name: meta.name, target, isStarting: hasTaint(raw, startupTaint) };
}

/** Only what decides something: an edit of anything else is no change. */
function essentials(meta: Meta): Meta {
  const behavior = Object.entries(meta.annotations).filter(
    ([key]) => key.toLowerCase() === BEHAVIOR_ANNOTATION.toLowerCase(),
  );
  return {
    ...meta,
    resourceVersion: '',
    creationTimestamp: '',
    labels: {},
    annotations: Object.fromEntries(behavior),
    finalizers: [],
  };
}

/** A slimming function for identities or bindings, from their reader. Their status is MIC's own and left out. */
export function slimReadable<T extends { readonly metadata: Meta }>(
  read: (raw: unknown) => Read<T>,
): (raw: unknown) => Readable<T> | undefined {
  return (raw) => {
    const meta = metaOf(raw);
    if (meta === undefined) return undefined;
    const { namespace, name } = meta;
    const found = read(raw);
    if (!found.ok) return { namespace, name, uid: meta.uid, problem: found.reason };
    return { namespace, name, value: { ...found.value, metadata: essentials(meta), status: { conditions: [] } } };
  };
}

const slimAnyIdentity = slimReadable<AzureIdentity>(readAzureIdentity);

function saidOf(raw: unknown): Said {
  const { metadata, status } = raw as { metadata?: { uid?: unknown; generation?: unknown }; status?: unknown };
  const { uid, generation } = metadata ?? {};
  const read = readAzureIdentity({ status });
  return {
    uid: typeof uid === 'string' ? uid : '',
    generation: typeof generation === 'number' ? generation : 0,
    conditions: read.ok ? read.value.status.conditions : [],
  };
}

export function slimIdentity(raw: unknown): IdentityView | undefined {
  const identity = slimAnyIdentity(raw);
  return identity && { ...identity, said: saidOf(raw) };
}

const shared = <T extends object>(value: T | undefined): T | undefined => value && interned(value);

function recordOf(meta: Meta, value: AzureAssignedIdentity | undefined): RecordView {
  const { namespace, name, uid, resourceVersion, finalizers } = meta;
  return {
    ...{ namespace, name, uid, resourceVersion, finalizers },
    deleting: meta.deletionTimestamp !== '',
    pod: value?.spec.pod ?? '',
    podNamespace: value?.spec.podNamespace ?? '',
    node: value?.spec.nodename || (meta.labels.nodename ?? ''),
    identity: shared(value?.spec.azureIdentityRef),
    binding: shared(value?.spec.azureBindingRef),
    state: value?.status.status ?? '',
    ready: shared(value?.status.conditions.find(({ type }) => type === 'Ready')),
  };
}

/** A record that cannot be read is kept as one of no pod, so that it is replaced or deleted. */
export function slimRecord(raw: unknown): RecordView | undefined {
  const meta = metaOf(raw);
  if (meta === undefined) return undefined;
  const read = readAzureAssignedIdentity(raw);
  return recordOf(meta, read.ok ? read.value : undefined);
}
