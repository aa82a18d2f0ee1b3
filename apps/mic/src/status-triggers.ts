import type { AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import type { StoreChange } from '@aad-pod-identity/kube';
import { objectKey, type Stores } from './world/stores.ts';
import type { IdentityView, PodView, Readable } from './world/views.ts';

/** What the conditions and reasons are worked out for: each is a key of their queue. */
export type StatusKey = `identity ${string}` | `binding ${string}` | 'cluster';

type Add = (key: StatusKey) => void;

const versions = <T>({ object, previous }: StoreChange<T>): T[] =>
  previous === undefined ? [object] : [object, previous];

function identityKeys({ object }: StoreChange<IdentityView>, { bindings }: Stores): StatusKey[] {
  const key = objectKey(object);
  return [`identity ${key}`, ...bindings.by('identity', key).map((each) => `binding ${objectKey(each)}` as const)];
}

/** With a binding, what is said of the others that name the same identity may change. */
function bindingKeys(change: StoreChange<Readable<AzureIdentityBinding>>, { bindings }: Stores): StatusKey[] {
  const identities = versions(change).flatMap((binding) =>
    'value' in binding ? [`${binding.namespace}/${binding.value.spec.azureIdentity}`] : [],
  );
  const siblings = identities.flatMap((identity) => bindings.by('identity', identity));
  return [
    `binding ${objectKey(change.object)}`,
    ...siblings.map((each) => `binding ${objectKey(each)}` as const),
    ...identities.map((identity) => `identity ${identity}` as const),
  ];
}

/** A label that comes up may be what a binding waits for, and a pod what NMI is needed for. */
function podKeys({ object, previous }: StoreChange<PodView>, { bindings, nmi }: Stores): StatusKey[] {
  const cluster: StatusKey[] = nmi.size === 0 ? ['cluster'] : [];
  if (previous?.label === object.label) return cluster;
  return [...cluster, ...bindings.by('selector', object.label).map((each) => `binding ${objectKey(each)}` as const)];
}

/** Names keys to `add` after every change of a store; the returned function ends that. */
export function subscribeStatusTriggers(stores: Stores, add: Add): () => void {
  const addAll = (keys: readonly StatusKey[]): void => {
    for (const key of new Set(keys)) add(key);
  };
  const ends = [
    stores.identities.subscribe((change) => {
      addAll(identityKeys(change, stores));
    }),
    stores.bindings.subscribe((change) => {
      addAll(bindingKeys(change, stores));
    }),
    stores.pods.subscribe((change) => {
      if (change.type !== 'deleted') addAll(podKeys(change, stores));
    }),
    stores.nmi.subscribe(() => {
      add('cluster');
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

export function allStatusKeys({ identities, bindings }: Stores): StatusKey[] {
  return [
    ...[...identities.list()].map((each) => `identity ${objectKey(each)}` as const),
    ...[...bindings.list()].map((each) => `binding ${objectKey(each)}` as const),
    'cluster',
  ];
}
