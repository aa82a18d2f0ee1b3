import type { CallOptions, KubeClient, KubeObject, Resource } from '@aad-pod-identity/kube';
import * as kube from '@aad-pod-identity/kube';
import { lastApplied, withLastApplied, threeWayPatch } from './last-applied.ts';

/** Every kind that the examples use. */
const KINDS: Readonly<Record<string, Resource>> = {
  Pod: kube.pods,
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

const refOf = ({ metadata }: KubeObject) => ({
  name: metadata?.name ?? '',
  namespace: metadata?.namespace ?? 'default',
});

type Act = (client: KubeClient, object: KubeObject, options: CallOptions) => Promise<void>;

/** What `kubectl apply` does, so that it and the sandbox can take turns: created, or brought to this form. */
export const applyObject: Act = async (client, object, options) => {
  const resource = resourceOf(object);
  const ref = refOf(object);
  const wanted = withLastApplied({ ...object, metadata: { ...object.metadata, namespace: ref.namespace } });
  try {
    await client.create(resource, { namespace: ref.namespace }, wanted, options);
  } catch (error) {
    if (!kube.isKubeError(error, 'alreadyExists')) throw error;
    const before = lastApplied((await client.get(resource, ref, options)) as KubeObject);
    // what the server filled in stays: kubectl patches its own kinds by their keys, custom ones by their fields
    const type = resource.group === '' ? 'strategic' : 'merge';
    await client.patch(resource, ref, threeWayPatch(before, wanted), { type }, options);
  }
};

/** Whether what was deleted is still there; another object of its name is none of it. */
async function isLeft(client: KubeClient, object: KubeObject, uid: string, options: CallOptions): Promise<boolean> {
  const found = await client.get<KubeObject>(resourceOf(object), refOf(object), options).catch(undefinedIfGone);
  return found?.metadata?.uid === uid;
}

function undefinedIfGone(error: unknown): undefined {
  if (!kube.isKubeError(error, 'notFound')) throw error;
}

type Until = (what: string, read: () => Promise<true | undefined>) => Promise<unknown>;

/** What `kubectl delete --ignore-not-found` does: a pod ends in its own time, and is waited for. */
export const deleteObject =
  (until: Until): Act =>
  async (client, object, options) => {
    const [resource, ref] = [resourceOf(object), refOf(object)];
    const found = await client.get<KubeObject>(resource, ref, options).catch(undefinedIfGone);
    const uid = found?.metadata?.uid;
    if (uid === undefined) return;
    await client.delete(resource, ref, { preconditions: { uid } }, options).catch(undefinedIfGone);
    await until(`end of ${ref.name}`, async () => ((await isLeft(client, object, uid, options)) ? undefined : true));
  };
