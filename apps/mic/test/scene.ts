import {
  azureAssignedIdentity,
  azureIdentity,
  azureIdentityBinding,
  node,
  pod,
  type AzureAssignedIdentityOptions,
  type AzureIdentityBindingOptions,
  type AzureIdentityOptions,
  type NodeOptions,
  type PodOptions,
} from '@aad-pod-identity/testing';
import { readAzureIdentityBinding } from '@aad-pod-identity/crd-types';
import { slimIdentity, slimNode, slimPod, slimReadable, slimRecord } from '../src/world/slim.ts';
import { createStores, type Stores } from '../src/world/stores.ts';

const slimBinding = slimReadable(readAzureIdentityBinding);

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the object cannot be read');
  return value;
}

export const podView = (options: PodOptions = {}) => present(slimPod(pod({ label: 'demo', ...options })));
export const nodeView = (options: NodeOptions = {}) => present(slimNode(node(options), ''));
export const recordView = (options: AzureAssignedIdentityOptions = {}) =>
  present(slimRecord(azureAssignedIdentity(options)));

export const identityView = (options: AzureIdentityOptions = {}) => present(slimIdentity(azureIdentity(options)));

export function identityValue(options: AzureIdentityOptions = {}) {
  const found = present(slimIdentity(azureIdentity(options)));
  if ('problem' in found) throw new Error(found.problem);
  return found.value;
}

export function bindingValue(options: AzureIdentityBindingOptions = {}) {
  const found = present(slimBinding(azureIdentityBinding(options)));
  if ('problem' in found) throw new Error(found.problem);
  return found.value;
}

export interface Scene {
  readonly pods?: readonly PodOptions[];
  readonly nodes?: readonly NodeOptions[];
  readonly identities?: readonly AzureIdentityOptions[];
  readonly bindings?: readonly AzureIdentityBindingOptions[];
  readonly records?: readonly AzureAssignedIdentityOptions[];
  /** Nodes with a pod of NMI. */
  readonly nmi?: readonly string[];
}

/** Stores that hold what a cluster with these objects would show. One node, `node-0`, unless others are named. */
export function sceneStores(scene: Scene): Stores {
  const stores = createStores();
  for (const options of scene.nodes ?? [{}]) stores.nodes.apply(nodeView(options));
  for (const options of scene.identities ?? []) stores.identities.apply(present(slimIdentity(azureIdentity(options))));
  for (const options of scene.bindings ?? [])
    stores.bindings.apply(present(slimBinding(azureIdentityBinding(options))));
  for (const options of scene.pods ?? []) stores.pods.apply(podView(options));
  for (const node of scene.nmi ?? [])
    stores.nmi.apply({ namespace: 'default', name: `nmi-${node}`, node, isReady: true });
  for (const options of scene.records ?? []) stores.records.apply(recordView(options));
  return stores;
}
