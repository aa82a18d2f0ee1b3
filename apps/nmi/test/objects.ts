/** Objects as the readers give them, from the builders' plain ones. */
import {
  type AzureAssignedIdentity,
  type AzureIdentity,
  type AzureIdentityBinding,
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  type Read,
} from '@aad-pod-identity/crd-types';
import {
  azureAssignedIdentity,
  type AzureAssignedIdentityOptions,
  azureIdentity,
  type AzureIdentityBindingOptions,
  type AzureIdentityOptions,
  azureIdentityBinding,
  pod,
  type PodOptions,
} from '@aad-pod-identity/testing';
import type { Grant, GrantState } from '../src/identity/grant.ts';
import { type Pod, slimPod } from '../src/pod.ts';

function value<T>(read: Read<T>): T {
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

export const aPod = (options: PodOptions = {}): Pod => slimPod(pod({ label: 'demo', ...options }), 'node-0') as Pod;
export const anIdentity = (options?: AzureIdentityOptions): AzureIdentity =>
  value(readAzureIdentity(azureIdentity(options)));
export const aBinding = (options?: AzureIdentityBindingOptions): AzureIdentityBinding =>
  value(readAzureIdentityBinding(azureIdentityBinding(options)));
export const aRecord = (options?: AzureAssignedIdentityOptions): AzureAssignedIdentity =>
  value(readAzureAssignedIdentity(azureAssignedIdentity(options)));

export function aGrant(
  name: string,
  state: GrantState = 'assigned',
  weight = 0,
  spec: Record<string, unknown> = {},
): Grant {
  return { identity: anIdentity({ name, spec }), binding: aBinding({ name, spec: { weight } }), state };
}
