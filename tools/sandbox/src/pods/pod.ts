import { namespacedName, Store, type ObjectMeta } from '@aad-pod-identity/kube';

/** What the sandbox reads of a pod. */
export interface SandboxPod {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly nodeName?: string; readonly containers?: readonly { name: string; image?: string }[] };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

export const refOf = ({ metadata }: SandboxPod) => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' });

export const podStore = () => new Store<SandboxPod>({ key: ({ metadata }) => namespacedName(metadata) });
