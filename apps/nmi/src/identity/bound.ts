import {
  type AzureIdentity,
  type AzureIdentityBinding,
  isNamespaced,
  POD_LABEL,
  selectorMatches,
  serviceAccountMatches,
} from '@aad-pod-identity/crd-types';
import type { Pod } from '../pod.ts';
import type { Grant } from './grant.ts';

/** What the objects of the cluster say at this moment. */
export interface BindingWorld {
  readonly bindingsBySelector: (selector: string) => readonly AzureIdentityBinding[];
  readonly identity: (namespace: string, name: string) => AzureIdentity | undefined;
  /** Only bindings of the pod's own namespace count, whatever the identity says. */
  readonly forceNamespaced: boolean;
  /** Whether a namespace keeps its identities to its own pods. */
  readonly keepsIdentities: (namespace: string) => boolean;
}

export interface Bound {
  readonly binding: AzureIdentityBinding;
  readonly identity: AzureIdentity;
}

/** An identity and its binding always share a namespace; whether the pod must be in it too is the question. */
function mayLeaveNamespace(identity: AzureIdentity, world: BindingWorld): boolean {
  return !world.forceNamespaced && !isNamespaced(identity) && !world.keepsIdentities(identity.metadata.namespace);
}

/** The bindings that match the pod, with their identities; those that name no identity that exists are left out. */
export function boundIdentities(pod: Pod, world: BindingWorld): Bound[] {
  const label = pod.labels[POD_LABEL];
  if (label === undefined || label === '') return [];
  return world.bindingsBySelector(label).flatMap((binding): Bound[] => {
    if (!selectorMatches(binding, label) || !serviceAccountMatches(binding, pod.serviceAccountName)) return [];
    const { namespace } = binding.metadata;
    const identity = world.identity(namespace, binding.spec.azureIdentity);
    if (identity === undefined) return [];
    return namespace === pod.namespace || mayLeaveNamespace(identity, world) ? [{ binding, identity }] : [];
  });
}

/** Managed mode: nobody assigns anything, so every bound identity is usable. */
export function boundGrants(world: BindingWorld): (pod: Pod) => readonly Grant[] {
  return (pod) => boundIdentities(pod, world).map((bound) => ({ ...bound, state: 'assigned' }));
}
