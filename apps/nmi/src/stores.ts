import {
  type AzureAssignedIdentity,
  type AzureIdentity,
  type AzureIdentityBinding,
  type AzurePodIdentityException,
  type Read,
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
} from '@aad-pod-identity/crd-types';
import {
  azureAssignedIdentities,
  azureIdentities,
  azureIdentityBindings,
  azurePodIdentityExceptions,
  configMaps,
  createReflector,
  type KubeClient,
  namespacedName,
  pods,
  type Reflector,
  type ReflectorMetrics,
  type ReflectorOptions,
  type Standing,
  Store,
} from '@aad-pod-identity/kube';
import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { type SettingsMap, type SettingsSource, slimSettings } from './namespace-settings/known-settings.ts';
import type { Subscribe } from './identity/next-change.ts';
import { addressesToFindBy, BY_ADDRESS, type Pod, POD_FIELDS, slimPod } from './pod.ts';

export interface StoresOptions {
  readonly client: KubeClient;
  readonly node: string;
  /** Standard mode: MIC's records are watched. */
  readonly withRecords: boolean;
  /** Only the records that carry this node's label. */
  readonly recordsOfNode: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: ReflectorMetrics;
  /** `namespace/name` of the ConfigMap with the settings of namespaces; empty for none. */
  readonly namespaceSettings: string;
}

interface WithMeta {
  readonly metadata: { readonly namespace: string; readonly name: string };
}

const keyOf = ({ metadata }: WithMeta): string => namespacedName(metadata);

function createStores() {
  return {
    pods: new Store<Pod>({ key: namespacedName, indexes: { [BY_ADDRESS]: addressesToFindBy } }),
    identities: new Store<AzureIdentity>({ key: keyOf }),
    bindings: new Store<AzureIdentityBinding>({ key: keyOf, indexes: { selector: ({ spec }) => [spec.selector] } }),
    records: new Store<AzureAssignedIdentity>({
      key: keyOf,
      indexes: { pod: ({ spec }) => [namespacedName({ namespace: spec.podNamespace, name: spec.pod })] },
    }),
    exceptions: new Store<AzurePodIdentityException>({
      key: keyOf,
      indexes: { namespace: ({ metadata }) => [metadata.namespace] },
    }),
    settings: new Store<SettingsMap>({ key: namespacedName }),
  };
}

/** What NMI knows of the cluster: this node's pods and the four kinds, each kept equal to the API server's. */
export type Stores = ReturnType<typeof createStores>;

export interface Watches {
  readonly stores: Stores;
  /** Named tasks that keep the stores filled. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** Names of the kinds that have not been read yet, or of which nothing was heard for `silentMs`. */
  stale(silentMs: number): string[];
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Undefined where no settings of namespaces are watched. */
  readonly settings: SettingsSource | undefined;
  /** How far the pods can be taken for what the API server has. */
  podsStanding(): Standing;
}

/** Objects that cannot be read are left out, with a line that says why. */
function tolerant<T>(read: (raw: unknown) => Read<T>, kind: string, logger: Logger): (raw: unknown) => T | undefined {
  return (raw) => {
    const result = read(raw);
    if (result.ok) return result.value;
    const { namespace, name } = (raw as Partial<WithMeta> | null)?.metadata ?? {};
    logger.warn('object left out, it cannot be read', { kind, namespace, name, reason: result.reason });
    return undefined;
  };
}

type Place = 'namespace' | 'fieldSelector' | 'labelSelector';

function reflectorsOf(stores: Stores, options: StoresOptions) {
  const { client, node, clock, logger, metrics } = options;
  const watch = <T>(own: Pick<ReflectorOptions<T>, 'resource' | 'store' | 'slim' | 'fields' | Place>) =>
    createReflector<T>({ client, clock, logger, metrics, ...own });
  const read = <T>(reader: (raw: unknown) => Read<T>, kind: string) => tolerant(reader, kind, logger);
  const records = watch({
    resource: azureAssignedIdentities,
    store: stores.records,
    slim: read(readAzureAssignedIdentity, 'AzureAssignedIdentity'),
    labelSelector: options.recordsOfNode ? `nodename=${node}` : undefined,
  });
  const [namespace, name] = options.namespaceSettings.split('/');
  const settings = watch({
    ...{ resource: configMaps, store: stores.settings, slim: slimSettings },
    ...{ namespace, fieldSelector: `metadata.name=${name}` },
  });
  return {
    pods: watch({
      resource: pods,
      store: stores.pods,
      slim: (raw) => slimPod(raw, node),
      fields: POD_FIELDS,
      fieldSelector: `spec.nodeName=${node}`,
    }),
    azureidentities: watch({
      resource: azureIdentities,
      store: stores.identities,
      slim: read(readAzureIdentity, 'AzureIdentity'),
    }),
    azureidentitybindings: watch({
      resource: azureIdentityBindings,
      store: stores.bindings,
      slim: read(readAzureIdentityBinding, 'AzureIdentityBinding'),
    }),
    azurepodidentityexceptions: watch({
      resource: azurePodIdentityExceptions,
      store: stores.exceptions,
      slim: read(readAzurePodIdentityException, 'AzurePodIdentityException'),
    }),
    ...(options.withRecords ? { azureassignedidentities: records } : {}),
    ...(options.namespaceSettings === '' ? {} : { settings }),
  };
}

export function createWatches(options: StoresOptions): Watches {
  const stores = createStores();
  const byName = reflectorsOf(stores, options);
  const reflectors: [string, Reflector][] = Object.entries(byName);
  return {
    stores,
    tasks: Object.fromEntries(reflectors.map(([name, reflector]) => [name, (signal) => reflector.run(signal)])),
    stale: (silentMs) => {
      const oldest = options.clock.monotonic() - silentMs;
      return reflectors.filter(([, each]) => !each.synced || each.lastContact() < oldest).map(([name]) => name);
    },
    whenSynced: async (signal) => {
      await Promise.all(reflectors.map(([, reflector]) => reflector.whenSynced(signal)));
    },
    settings: byName.settings && {
      ...{ store: stores.settings, whenKnown: byName.settings.whenSynced() },
      isKnown: () => byName.settings?.synced === true,
    },
    podsStanding: () => byName.pods.standing(),
  };
}

/** Any change of what decides who may have which identity. */
export function subscribeToGrants({ pods, identities, bindings, records }: Stores): Subscribe {
  return (onChange) => {
    const ends = [pods, identities, bindings, records].map((store) => (store as Store<unknown>).subscribe(onChange));
    return () => {
      for (const end of ends) end();
    };
  };
}
