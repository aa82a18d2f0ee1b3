import type { KubeClient, KubeObject, Resource } from '@aad-pod-identity/kube';
import * as kube from '@aad-pod-identity/kube';

/** Every kind that the examples and the sandbox use. */
const KINDS: Readonly<Record<string, Resource>> = {
  Pod: kube.pods,
  Node: kube.nodes,
  Secret: kube.secrets,
  AzureIdentity: kube.azureIdentities,
  AzureIdentityBinding: kube.azureIdentityBindings,
  AzureAssignedIdentity: kube.azureAssignedIdentities,
  AzurePodIdentityException: kube.azurePodIdentityExceptions,
};

export function resourceOf(object: KubeObject): Resource {
  const found = KINDS[object.kind ?? ''];
  if (found === undefined) throw new Error(`the sandbox knows no kind ${object.kind ?? '(none)'}`);
  return found;
}

function refOf(object: KubeObject) {
  const namespaced = resourceOf(object).namespaced;
  return {
    name: object.metadata?.name ?? '',
    namespace: namespaced ? (object.metadata?.namespace ?? 'default') : undefined,
  };
}

/** What `kubectl apply` does to an object that nobody else edits: created, or brought to this form. */
export async function applyObject(client: KubeClient, object: KubeObject): Promise<void> {
  const resource = resourceOf(object);
  const ref = refOf(object);
  try {
    await client.create(resource, { namespace: ref.namespace }, object);
  } catch (error) {
    if (!kube.isKubeError(error, 'alreadyExists')) throw error;
    // what the server filled in stays: kubectl patches its own kinds by their keys, custom ones by their fields
    await client.patch(resource, ref, object, { type: resource.group === '' ? 'strategic' : 'merge' });
  }
}

/** What `kubectl delete --ignore-not-found` does. */
export async function deleteObject(client: KubeClient, object: KubeObject): Promise<void> {
  try {
    await client.delete(resourceOf(object), refOf(object));
  } catch (error) {
    if (!kube.isKubeError(error, 'notFound')) throw error;
  }
}
