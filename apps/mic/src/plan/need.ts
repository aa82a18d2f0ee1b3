import type { AzureIdentity, AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import type { PodView, RecordView } from '../world/views.ts';

/** One pod that is to have one identity, and the binding that says so. */
export interface Need {
  readonly pod: PodView;
  readonly identity: AzureIdentity;
  readonly binding: AzureIdentityBinding;
}

/** Names a (pod, identity) pair; slashes cannot be in any of the four names. */
export function pairKey(podNamespace: string, pod: string, identityNamespace: string, identity: string): string {
  return [podNamespace, pod, identityNamespace, identity].join('/');
}

export function pairOfNeed({ pod, identity }: Need): string {
  return pairKey(pod.namespace, pod.name, identity.metadata.namespace, identity.metadata.name);
}

/** Undefined for a record that names no identity: it belongs to no pair. */
export function pairOfRecord({ pod, podNamespace, identity }: RecordView): string | undefined {
  if (identity === undefined || pod === '') return undefined;
  return pairKey(podNamespace, pod, identity.metadata.namespace, identity.metadata.name);
}

/** The identity to be assigned to the VM or scale set, lower-cased; undefined where ARM has no part in it. */
export function armIdOf(identity: AzureIdentity | undefined): string | undefined {
  if (identity?.spec.type !== 0 || identity.spec.resourceID === '') return undefined;
  return identity.spec.resourceID.toLowerCase();
}
