import {
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
} from '@aad-pod-identity/crd-types';
import {
  apiVersionOf,
  azureIdentities,
  azureIdentityBindings,
  azurePodIdentityExceptions,
  daemonSets,
  type FieldTree,
  isKubeError,
  type KubeClient,
  listAll,
  pods,
  type Resource,
  resource,
  serviceAccounts,
} from '@aad-pod-identity/kube';
import { POD_FIELDS, slimPod, slimReadable, slimServiceAccount, slimWorkload, WORKLOAD_FIELDS } from './slim.ts';
import type { WorkloadView, World } from './views.ts';

const apps = { group: 'apps', version: 'v1', namespaced: true };
const batch = { group: 'batch', version: 'v1', namespaced: true };

/** What makes pods, and what stands between it and them. */
const WORKLOADS: readonly Resource[] = [
  resource({ ...apps, plural: 'deployments', kind: 'Deployment' }),
  resource({ ...apps, plural: 'replicasets', kind: 'ReplicaSet' }),
  resource({ ...apps, plural: 'statefulsets', kind: 'StatefulSet' }),
  daemonSets,
  resource({ ...batch, plural: 'cronjobs', kind: 'CronJob' }),
  resource({ ...batch, plural: 'jobs', kind: 'Job' }),
];

interface Reading {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
}

async function all<T>(
  { client, signal }: Reading,
  of: Resource,
  slim: (raw: unknown) => T | undefined,
  fields?: FieldTree,
): Promise<T[]> {
  const items = await listAll({ client, signal, resource: of, query: { fields } });
  return items.map(slim).filter((item) => item !== undefined);
}

/** @throws Error that says so where the kinds of AAD Pod Identity are not served */
async function allOfOurs<T>(reading: Reading, of: Resource, slim: (raw: unknown) => T | undefined): Promise<T[]> {
  try {
    return await all(reading, of, slim);
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
    throw new Error(`this cluster has no kind ${of.kind}: the CRDs of AAD Pod Identity are not installed`);
  }
}

const workloadsOf =
  (reading: Reading) =>
  (of: Resource): Promise<WorkloadView[]> =>
    all(reading, of, slimWorkload({ apiVersion: apiVersionOf(of), kind: of.kind }), WORKLOAD_FIELDS);

/** Lists what the plan is made of. Nothing is written, and no Secret is read. @throws KubeError, or Error as above */
export async function readWorld(reading: Reading): Promise<World> {
  const [identities, bindings, exceptions] = await Promise.all([
    allOfOurs(reading, azureIdentities, slimReadable(readAzureIdentity)),
    allOfOurs(reading, azureIdentityBindings, slimReadable(readAzureIdentityBinding)),
    allOfOurs(reading, azurePodIdentityExceptions, slimReadable(readAzurePodIdentityException)),
  ]);
  const [podViews, accounts, workloads] = await Promise.all([
    all(reading, pods, slimPod, POD_FIELDS),
    all(reading, serviceAccounts, slimServiceAccount),
    Promise.all(WORKLOADS.map(workloadsOf(reading))),
  ]);
  return { identities, bindings, exceptions, pods: podViews, serviceAccounts: accounts, workloads: workloads.flat() };
}
