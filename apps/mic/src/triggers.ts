import type { AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import type { StoreChange } from '@aad-pod-identity/kube';
import { objectKey, placeOf, type Stores } from './world/stores.ts';
import { homeOf } from './world/target-view.ts';
import type { IdentityView, NmiView, NodeView, PodView, Readable, RecordView } from './world/views.ts';

/**
 * From a change in the cluster to the keys whose work it may be. A change only says "look again": what is to be done
 * is found out by whoever works on the key.
 */

const versions = <T>({ object, previous }: StoreChange<T>): T[] =>
  previous === undefined ? [object] : [object, previous];

function placeOfPod(pod: PodView, { nodes }: Stores): string[] {
  return pod.node === '' ? [] : [placeOf(nodes.get(pod.node), pod.node)];
}

function placesOfLabel(label: string, stores: Stores): string[] {
  return stores.pods.by('label', label).flatMap((pod) => placeOfPod(pod, stores));
}

/** Records of the pod are looked at too: they may have been written for another node. */
function podKeys(change: StoreChange<PodView>, stores: Stores): string[] {
  const records = stores.records.by('pod', change.key);
  const nodes = records.map(({ node }) => placeOf(stores.nodes.get(node), node));
  return [...versions(change).flatMap((pod) => placeOfPod(pod, stores)), ...nodes];
}

/** With a node comes or goes the place of its pods: both that of the node alone and that of its VM or scale set. */
function nodeKeys(change: StoreChange<NodeView>): string[] {
  const { name } = change.object;
  return [...versions(change).map((node) => placeOf(node, name)), placeOf(undefined, name)];
}

function bindingKeys(change: StoreChange<Readable<AzureIdentityBinding>>, stores: Stores): string[] {
  return versions(change).flatMap((binding) =>
    'value' in binding ? placesOfLabel(binding.value.spec.selector, stores) : [],
  );
}

/** Whether an object differs in more than what `besides` blanks out. */
function differs<T extends object>({ object, previous }: StoreChange<T>, besides: object): boolean {
  return (
    previous === undefined || JSON.stringify({ ...object, ...besides }) !== JSON.stringify({ ...previous, ...besides })
  );
}

/** What is said of an identity is MIC's own to a large part, and no reason to look at anything. */
function identityKeys(change: StoreChange<IdentityView>, stores: Stores): string[] {
  if (!differs(change, { said: undefined })) return [];
  const bindings = stores.bindings.by('identity', objectKey(change.object));
  const selectors = bindings.flatMap((binding) => ('value' in binding ? [binding.value.spec.selector] : []));
  return selectors.flatMap((selector) => placesOfLabel(selector, stores));
}

/** A write that changed nothing but the version of a record is no news. */
export function isNews(change: StoreChange<RecordView>): boolean {
  return differs(change, { resourceVersion: '' });
}

/** With the first pod of NMI that runs, and without the last, all nodes are judged otherwise. */
function nmiWatch(stores: Stores): (change: StoreChange<NmiView>) => Iterable<string> {
  let hadAny = stores.nmi.size > 0;
  return (change) => {
    if (!differs(change, { isReady: undefined })) return [];
    const hasAny = stores.nmi.size > 0;
    const keys = versions(change).map(({ node }) => placeOf(stores.nodes.get(node), node));
    const all = hasAny === hadAny ? keys : allKeys(stores);
    hadAny = hasAny;
    return all;
  };
}

/** Whether a change of a record that is the work of `key` was made by the worker of `key` itself. */
export type IsEcho = (key: string, change: StoreChange<RecordView>) => boolean;

function recordKeys(change: StoreChange<RecordView>, stores: Stores, isEcho: IsEcho): string[] {
  if (!isNews(change)) return [];
  const keys = new Set(versions(change).map((record) => homeOf(record, stores)));
  return keys.size === 1 && [...keys].some((key) => isEcho(key, change)) ? [] : [...keys];
}

/** Names keys to `add` after every change of a store; the returned function ends that. */
export function subscribeTriggers(
  stores: Stores,
  add: (key: string) => void,
  isEcho: IsEcho = () => false,
): () => void {
  const addAll = (keys: Iterable<string>): void => {
    for (const key of new Set(keys)) add(key);
  };
  const nmiKeys = nmiWatch(stores);
  const ends = [
    stores.pods.subscribe((change) => {
      addAll(podKeys(change, stores));
    }),
    stores.nodes.subscribe((change) => {
      addAll(nodeKeys(change));
    }),
    stores.bindings.subscribe((change) => {
      addAll(bindingKeys(change, stores));
    }),
    stores.identities.subscribe((change) => {
      addAll(identityKeys(change, stores));
    }),
    stores.nmi.subscribe((change) => {
      addAll(nmiKeys(change));
    }),
    stores.records.subscribe((change) => {
      addAll(recordKeys(change, stores, isEcho));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Every key there is: after a start, and in a full resync. */
export function allKeys(stores: Stores): Set<string> {
  const ofNodes = [...stores.nodes.list()].map((node) => placeOf(node, node.name));
  const ofPods = [...stores.pods.list()].flatMap((pod) => placeOfPod(pod, stores));
  const ofRecords = [...stores.records.list()].map((record) => homeOf(record, stores));
  return new Set([...ofPods, ...ofRecords, ...ofNodes]);
}
