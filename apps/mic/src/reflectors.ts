import { POD_LABEL, readAzureIdentityBinding } from '@aad-pod-identity/crd-types';
import {
  azureAssignedIdentities,
  azureIdentities,
  azureIdentityBindings,
  createReflector,
  type KubeClient,
  nodes,
  pods,
  type Reflector,
  type ReflectorOptions,
  type Resource,
  type Store,
} from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import {
  NMI_FIELDS,
  NMI_SELECTOR,
  NODE_FIELDS,
  POD_FIELDS,
  slimIdentity,
  slimNmi,
  slimNode,
  slimPod,
  slimReadable,
  slimRecord,
} from './world/slim.ts';
import type { Stores } from './world/stores.ts';

export interface ReflectorsOptions {
  readonly client: KubeClient;
  readonly stores: Stores;
  /** See `slimNode`. */
  readonly startupTaint: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One reflector per kind; of the pods only those that carry the label. */
export function createReflectors({
  stores,
  startupTaint,
  ...common
}: ReflectorsOptions): Readonly<Record<string, Reflector>> {
  const reflect = <T>(
    resource: Resource,
    store: Store<T>,
    slim: (raw: unknown) => T | undefined,
    more: Pick<ReflectorOptions<T>, 'labelSelector' | 'fields'> = {},
  ): Reflector => createReflector({ ...common, resource, store, slim, ...more });
  return {
    pods: reflect(pods, stores.pods, slimPod, { labelSelector: POD_LABEL, fields: POD_FIELDS }),
    nmi: reflect(pods, stores.nmi, slimNmi, { labelSelector: NMI_SELECTOR, fields: NMI_FIELDS }),
    nodes: reflect(nodes, stores.nodes, (raw) => slimNode(raw, startupTaint), { fields: NODE_FIELDS }),
    azureidentities: reflect(azureIdentities, stores.identities, slimIdentity),
    azureidentitybindings: reflect(azureIdentityBindings, stores.bindings, slimReadable(readAzureIdentityBinding)),
    azureassignedidentities: reflect(azureAssignedIdentities, stores.records, slimRecord),
  };
}
