import {
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  selectorMatches,
  validateBinding,
  validateIdentity,
} from '@aad-pod-identity/crd-types';
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, node, pod, secret } from './builders.ts';

it('the defaults work together: the identity is valid, the binding names it and selects the labelled pod', () => {
  const identity = readAzureIdentity(azureIdentity());
  const binding = readAzureIdentityBinding(azureIdentityBinding());
  expect(identity.ok && validateIdentity(identity.value)).toEqual([]);
  expect(binding.ok && validateBinding(binding.value)).toEqual([]);
  expect(binding.ok && selectorMatches(binding.value, pod({ label: 'demo' }).metadata.labels?.aadpodidbinding)).toBe(
    true,
  );
  expect(pod().spec.nodeName).toBe(node().metadata.name);
  const assigned = readAzureAssignedIdentity(azureAssignedIdentity());
  expect(assigned.ok && assigned.value.metadata.name).toBe('demo-default-demo');
});

it('a node is a VM, an instance of a scale set, or has no provider id yet', () => {
  expect(node({ name: 'a' }).spec.providerID).toMatch(/virtualMachines\/a$/);
  expect(node({ scaleSet: { name: 'set', instance: 3 } }).spec.providerID).toMatch(/Sets\/set\/virtualMachines\/3$/);
  expect(node({ providerID: '' }).spec).toEqual({});
});

it('a secret holds base64', () => {
  expect(secret({ values: { any: 'x' } }).data).toEqual({ any: 'eA==' });
});
