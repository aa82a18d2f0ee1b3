/** The parts of an object's metadata that this library reads or hands on. */
export interface ObjectMeta {
  name?: string | undefined;
  generateName?: string | undefined;
  namespace?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  generation?: number | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  finalizers?: string[] | undefined;
}

export interface KubeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata?: ObjectMeta | undefined;
}

export interface KubeList<T> {
  items: T[];
  metadata: {
    resourceVersion?: string | undefined;
    continue?: string | undefined;
    remainingItemCount?: number | undefined;
  };
}

/** Names one object; `namespace` only for namespaced kinds. */
export interface ObjectRef {
  namespace?: string | undefined;
  name: string;
}

/**
 * Where the objects of one kind live. `T` is the shape the caller reads them as; it is checked by nobody but the
 * caller's own reader, so the constants below leave it `unknown`: `client.get<Pod>(pods, ...)`.
 */
export interface Resource<T = unknown> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries `T` and is never called or set. */
  describes?(object: T): void;
}

export function resource<T>(fields: Omit<Resource, 'describes'>): Resource<T> {
  return fields;
}

/** `v1` or `apps/v1`: what stands in an object's `apiVersion`. */
export function apiVersionOf(of: Resource): string {
  return of.group === '' ? of.version : `${of.group}/${of.version}`;
}

const core = { group: '', version: 'v1', namespaced: true };
const apps = { group: 'apps', version: 'v1', namespaced: true };
const podIdentity = { group: 'aadpodidentity.k8s.io', version: 'v1', namespaced: true };

export const pods = resource<unknown>({ ...core, plural: 'pods', kind: 'Pod' });
export const nodes = resource<unknown>({ ...core, plural: 'nodes', kind: 'Node', namespaced: false });
export const namespaces = resource<unknown>({ ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false });
export const secrets = resource<unknown>({ ...core, plural: 'secrets', kind: 'Secret' });
export const configMaps = resource<unknown>({ ...core, plural: 'configmaps', kind: 'ConfigMap' });
export const serviceAccounts = resource<unknown>({ ...core, plural: 'serviceaccounts', kind: 'ServiceAccount' });
export const events = resource<unknown>({ ...core, plural: 'events', kind: 'Event' });
export const endpoints = resource<unknown>({ ...core, plural: 'endpoints', kind: 'Endpoints' });
export const daemonSets = resource<unknown>({ ...apps, plural: 'daemonsets', kind: 'DaemonSet' });
export const deployments = resource<unknown>({ ...apps, plural: 'deployments', kind: 'Deployment' });
export const leases = resource<unknown>({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
});
export const azureIdentities = resource<unknown>({
  ...podIdentity,
  plural: 'azureidentities',
  kind: 'AzureIdentity',
});
export const azureIdentityBindings = resource<unknown>({
  ...podIdentity,
  plural: 'azureidentitybindings',
  kind: 'AzureIdentityBinding',
});
export const azureAssignedIdentities = resource<unknown>({
  ...podIdentity,
  plural: 'azureassignedidentities',
  kind: 'AzureAssignedIdentity',
});
export const azurePodIdentityExceptions = resource<unknown>({
  ...podIdentity,
  plural: 'azurepodidentityexceptions',
  kind: 'AzurePodIdentityException',
});
