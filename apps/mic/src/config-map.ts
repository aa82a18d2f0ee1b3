import { configMaps, isKubeError, type KubeClient, type ObjectRef } from '@aad-pod-identity/kube';

interface Body {
  readonly metadata?: { readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

/** Writes what `body` says, into the ConfigMap that is there or into a new one. @throws KubeError */
export async function putConfigMap(client: KubeClient, ref: ObjectRef, body: Body, signal: AbortSignal): Promise<void> {
  try {
    await client.patch(configMaps, ref, body, { type: 'merge' }, { signal });
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
    const object = { ...body, apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...body.metadata, ...ref } };
    await client.create(configMaps, { namespace: ref.namespace }, object, { signal });
  }
}

/** Where it is gone already, that is as good. @throws KubeError */
export async function removeConfigMap(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(configMaps, ref, {}, { signal });
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
  }
}
