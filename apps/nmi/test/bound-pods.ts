import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import type { World } from './world.ts';

/** A pod with an address of its own, bound under its own name to an identity of its own that is on the machine. */
export function bindPod(world: World, name: string, ip: string, state: 'Created' | 'Assigned' = 'Assigned') {
  const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name });
  world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
  const identity = azureIdentity({ name, spec: { resourceID: azure.id, clientID: azure.clientId } });
  const binding = azureIdentityBinding({ name });
  const record = azureAssignedIdentity({ pod: name, identity, binding, state });
  for (const object of [identity, binding, record]) world.kube.state.create(object);
  world.kube.state.create(pod({ name, label: name, ip }));
  return { ip, azure, name, record: record.metadata.name };
}

/** The claims of the token in the body of an answer, its signature checked. */
export function claimsOf(world: World, body: string) {
  return world.azure.verifyToken((JSON.parse(body) as { access_token: string }).access_token);
}
