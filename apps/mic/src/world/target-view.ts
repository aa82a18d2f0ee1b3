import type { Target } from '@aad-pod-identity/azure-arm';
import type { AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import { findNeeds } from '../plan/needs.ts';
import type { Need } from '../plan/need.ts';
import type { Notice } from '../plan/notice.ts';
import { podNotices } from '../plan/pod-notices.ts';
import { objectKey, placeOf, type Stores } from './stores.ts';
import type { PodView, RecordView } from './views.ts';

/** What concerns one VM or scale set, or one node without either. */
export interface TargetView {
  readonly key: string;
  /** Undefined where there is nothing to assign to: the node has no providerID, or is gone. */
  readonly target: Target | undefined;
  readonly needs: readonly Need[];
  /** What keeps pods from having or using identities. */
  readonly notices: readonly Notice[];
  readonly records: readonly RecordView[];
}

/** A pod that will still ask for tokens, and is on a node that exists. */
function isLive(pod: PodView | undefined, { nodes }: Stores): pod is PodView {
  return pod !== undefined && !pod.finished && pod.label !== '' && nodes.get(pod.node) !== undefined;
}

/**
 * Whose work a record is: that of the place where its pod is now, else that of the node it was written for. So a pod
 * that comes back on another node is served there without waiting for the old one.
 */
export function homeOf(record: RecordView, stores: Stores): string {
  const pod = stores.pods.get(`${record.podNamespace}/${record.pod}`);
  const node = isLive(pod, stores) ? pod.node : record.node;
  return placeOf(stores.nodes.get(node), node);
}

function nodeNames(key: string, { nodes }: Stores): string[] {
  const known = nodes.by('place', key).map(({ name }) => name);
  return known.length === 0 && key.startsWith('node/') ? [key.slice('node/'.length)] : known;
}

function recordsOf(key: string, pods: readonly PodView[], names: readonly string[], stores: Stores): RecordView[] {
  const { records } = stores;
  const candidates = [
    ...names.flatMap((name) => records.by('node', name)),
    ...pods.flatMap((pod) => records.by('pod', objectKey(pod))),
  ];
  return [...new Set(candidates)].filter((record) => homeOf(record, stores) === key);
}

function bindingsFor(label: string, { bindings }: Stores): readonly AzureIdentityBinding[] {
  return bindings
    .by('selector', label)
    .flatMap((binding) =>
      'value' in binding && binding.value.metadata.deletionTimestamp === '' ? [binding.value] : [],
    );
}

/** Reads the world anew for one key of the queue. Its cost follows from the pods on these nodes, nothing else. */
export function viewTarget(key: string, stores: Stores, forceNamespaced: boolean): TargetView {
  const names = nodeNames(key, stores);
  const target = stores.nodes.by('place', key)[0]?.target;
  const pods = names.flatMap((name) => stores.pods.by('node', name)).filter((pod) => isLive(pod, stores));
  const { needs, blocked } = findNeeds({
    pods: pods.map((pod) => ({ pod, assignable: target !== undefined })),
    bindingsFor: (label) => bindingsFor(label, stores),
    identityOf: ({ metadata, spec }) => stores.identities.get(`${metadata.namespace}/${spec.azureIdentity}`),
    forceNamespaced,
  });
  const nmi = {
    isAnywhere: stores.nmi.size > 0,
    isOn: (node: string) => stores.nmi.count('node', node) > 0,
  };
  const notices = [...blocked, ...podNotices(needs, nmi)];
  return { key, target, needs, notices, records: recordsOf(key, pods, names, stores) };
}
