/** What happens on the node while Prometheus looks on: everything that a metric of the original tells of. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { askMany } from '../../src/load.ts';
import {
  apply,
  askFromPod,
  clientIdIn,
  createPod,
  installWorkloads,
  TOKEN_URL,
  until,
} from '../../src/node-cluster.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const TENANT = '00000000-bbbb-4000-8000-000000000001';
const clientId = (last: number): string => `00000000-cccc-4000-8000-00000000000${last}`;
export const TOKEN_PATH = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=';
const urlOf = (resource: string): string => `http://169.254.169.254${TOKEN_PATH}${encodeURIComponent(resource)}`;

const aad = (kind: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace: 'default' } },
  spec,
});
const managed = (name: string, clientID: string) => {
  const resourceID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  return aad('AzureIdentity', name, { type: 0, resourceID, clientID });
};
const principal = (name: string, secret: string) => {
  const clientPassword = { name: secret, namespace: 'default' };
  return aad('AzureIdentity', name, { type: 1, tenantID: TENANT, clientID: clientId(2), clientPassword });
};
const binding = (name: string) => aad('AzureIdentityBinding', name, { azureIdentity: name, selector: name });

/** All of what a hostile pod asks comes to be measured. */
export const WITHOUT_LIMIT = { nmiFlags: ['--pod-requests-per-second=0'] };

const OBJECTS = [
  {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'measured', namespace: 'default' } },
    stringData: { password: 'not-a-real-secret' },
  },
  ...[managed('second', clientId(3)), principal('measured', 'measured'), principal('unpaid', 'not-there')],
  ...['second', 'measured', 'unpaid'].map(binding),
  aad('AzurePodIdentityException', 'excused', { podLabels: { app: 'excused' } }),
];

/** Pods `second-pod` and `measured-pod` that have tokens, and some that have none. */
export async function prepareStory(cluster: Cluster): Promise<void> {
  await apply(cluster, OBJECTS);
  for (const label of ['second', 'measured', 'unpaid']) await createPod(cluster, `${label}-pod`, { label });
  for (const name of ['excused', 'nobody']) await createPod(cluster, name);
  for (const pod of ['second-pod', 'measured-pod'])
    await until(async () => clientIdIn(await askFromPod(cluster, pod, TOKEN_URL)) !== undefined);
}

export async function forgetStory(cluster: Cluster): Promise<void> {
  await cluster.azure.control({ action: 'reset' });
  await cluster.kubectl('delete', 'secret', 'measured', '--ignore-not-found');
  await cluster.kubectl('delete', 'azureidentitybindings,azureidentities,azurepodidentityexceptions', '--all');
  const pods = ['second-pod', 'measured-pod', 'unpaid-pod', 'late-pod', 'refused-pod', 'excused', 'nobody'];
  await cluster.kubectl('delete', 'pod', ...pods, '--ignore-not-found', '--now');
}

async function tokens(cluster: Cluster): Promise<void> {
  const target = TOKEN_PATH + encodeURIComponent('https://storage.azure.com/');
  for (const pod of ['second-pod', 'measured-pod', 'nobody']) await askMany(cluster, pod, { count: 200, target });
  for (const pod of ['excused', 'unpaid-pod']) await askFromPod(cluster, pod, TOKEN_URL);
  for (const [scope, pod] of [
    ['imds.token', 'second-pod'],
    ['entra.token', 'measured-pod'],
  ] as const) {
    await cluster.azure.control({ action: 'failNext', scope, status: 500 });
    await askFromPod(cluster, pod, urlOf('https://vault.azure.net'));
  }
}

/**
 * Another identity comes, with a failure of ARM on its way, is changed, and goes. No other file has it: one that is on the
 * scale set still would need no write.
 */
async function assignments(cluster: Cluster): Promise<void> {
  await cluster.azure.control({ action: 'failNext', scope: 'arm.update', status: 500 });
  await apply(cluster, [managed('latecomer', clientId(5)), binding('latecomer')]);
  await createPod(cluster, 'late-pod', { label: 'latecomer' });
  await until(async () => clientIdIn(await askFromPod(cluster, 'late-pod', TOKEN_URL)) !== undefined);
  const patch = JSON.stringify({ spec: { clientPassword: { name: 'still-not-there' } } });
  await cluster.kubectl('patch', 'azureidentity', 'unpaid', '--type=merge', '-p', patch);
  await cluster.kubectl('delete', 'pod', 'late-pod', '--now');
}

const RECORDS = 'azureassignedidentities.aadpodidentity.k8s.io';

async function canMicCreate(cluster: Cluster): Promise<boolean> {
  const as = '--as=system:serviceaccount:default:aad-pod-id-mic-service-account';
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'auth', 'can-i', 'create', RECORDS, as];
  return (await cluster.exec(command)).stdout.trim() === 'yes';
}

/** Until `noticed`, MIC may not write; afterwards it may again. */
export async function forbidRecords(cluster: Cluster, noticed: () => Promise<void>): Promise<void> {
  await cluster.kubectl('delete', 'clusterrolebinding', 'aad-pod-id-mic');
  await until(async () => !(await canMicCreate(cluster)));
  await createPod(cluster, 'refused-pod', { label: 'measured' });
  await noticed();
  await installWorkloads(cluster, WITHOUT_LIMIT);
}

/** Until `noticed`, the API server is away. */
export async function stopApiServer(cluster: Cluster, noticed: () => Promise<void>): Promise<void> {
  await cluster.kill('kube-apiserver');
  await noticed();
  await cluster.heal();
}

export async function tellStory(cluster: Cluster): Promise<void> {
  await tokens(cluster);
  await assignments(cluster);
}
