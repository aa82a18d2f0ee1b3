/** The node of the upgrade's drill: what a running 1.8.17 has left there, and what is looked at on the way. */
import { join } from 'node:path';
import type { Cluster } from '@aad-pod-identity/cluster';
import { imageName } from '../../src/images.ts';
import { apply, until } from '../../src/node-cluster.ts';
import { oldCrds } from '../../src/old-crds.ts';
import type { Asker } from '../../src/token-askers.ts';
import { CHART } from '../chart/chart.ts';

const GROUPS = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups';
export const CLIENTS = {
  azureaccess: '00000000-cccc-4000-8000-000000000001',
  second: '00000000-cccc-4000-8000-000000000003',
  victim: '00000000-cccc-4000-8000-000000000004',
};
const groupOf = (name: string): string =>
  name === 'azureaccess' ? 'MC_AzurePodIdentityDemo_podidentitydemo_northeurope' : 'identities';
const idOf = (name: string): string =>
  `${GROUPS}/${groupOf(name)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
export const FINALIZER = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** What the operator has written for 4.1.18; the image is all that is new. */
export const VALUES = {
  image: { repository: 'aad-pod-identity.test' },
  mic: { tag: 'e2e', priorityClassName: 'system-cluster-critical', logVerbosity: 1 },
  nmi: { tag: 'e2e', priorityClassName: 'system-node-critical', micNamespace: 'kube-system' },
};

/** Half of them name their identity, as most clients do, half take what they get. */
export const ASKERS: readonly Asker[] = Array.from({ length: 10 }, (_, nth) => ({
  ...{ pod: `asking-${nth}`, named: nth % 2 === 0 },
  clientId: nth < 7 ? CLIENTS.second : CLIENTS.victim,
}));

const aad = (kind: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace: 'default' } },
  spec,
});

/** A CRD as of before 1.6: whatever is written is kept. */
function withoutSchema(crd: object): object {
  const copy = structuredClone(crd) as { spec: { versions: { schema: unknown }[] } };
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  for (const version of copy.spec.versions) version.schema = { openAPIV3Schema };
  return copy;
}

/** Objects in the spelling of before 1.6, which the schemas of 4.1.18 hide: what was written then is still stored. */
export async function bringOldObjects(cluster: Cluster): Promise<void> {
  await cluster.kubectl('delete', '-f', join(CHART, 'crds'));
  await apply(cluster, oldCrds().map(withoutSchema));
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  await until(() =>
    apply(cluster, [
      aad('AzureIdentity', 'capitals', { type: 0, ResourceID: idOf('victim'), ClientID: CLIENTS.victim }),
      aad('AzureIdentityBinding', 'capitals', { AzureIdentity: 'capitals', Selector: 'capitals' }),
    ]).then(
      () => true,
      () => false,
    ),
  );
  await apply(cluster, oldCrds());
  await apply(
    cluster,
    Object.entries(CLIENTS).flatMap(([name, clientID]) => [
      aad('AzureIdentity', name, { type: 0, resourceID: idOf(name), clientID }),
      aad('AzureIdentityBinding', name, { azureIdentity: name, selector: name }),
    ]),
  );
}

interface Lock {
  readonly holderIdentity: string;
  readonly acquireTime: string;
}
export const lock = async (cluster: Cluster): Promise<Lock> => {
  const endpoints = await cluster.kubectl('get', 'endpoints', 'aad-pod-identity-mic', '-n', 'default', '-o', 'json');
  const { metadata } = JSON.parse(endpoints) as { metadata: { annotations: Record<string, string> } };
  return JSON.parse(metadata.annotations[LEADER] ?? '{}') as Lock;
};

/** The identities that Azure has on its machines, in small letters. */
export const assigned = async (cluster: Cluster): Promise<string> =>
  (await azure(cluster)).resources
    .flatMap(({ userAssigned }) => userAssigned)
    .join(' ')
    .toLowerCase();

interface Write {
  readonly at: number;
  readonly old: boolean;
}

interface AzureView {
  readonly resources: readonly { readonly userAssigned: readonly string[] }[];
  readonly concurrentWrites: readonly string[];
  readonly requests: readonly { at: number; operation: string; userAgent: string }[];
}
export const azure = async (cluster: Cluster): Promise<AzureView> => (await cluster.azure.state()) as AzureView;

/** The writes to the scale set, oldest first, and by which version. */
export async function writes(cluster: Cluster): Promise<Write[]> {
  const { requests } = await azure(cluster);
  const found = requests.filter(({ operation }) => operation === 'arm.update');
  return found.map(({ at, userAgent }) => ({ at, old: userAgent.startsWith('stand-in/') }));
}

/** When the NMI that runs now became ready, to the second, in milliseconds since the Unix epoch; the end of that second. */
export async function readySince(cluster: Cluster): Promise<number> {
  const path = '{.items[0].status.conditions[?(@.type=="Ready")].lastTransitionTime}';
  const selector = [
    '-n',
    'kube-system',
    '-l',
    'app.kubernetes.io/component=nmi',
    '--field-selector=status.phase=Running',
  ];
  return Date.parse(await cluster.kubectl('get', 'pods', ...selector, '-o', `jsonpath=${path}`)) + 1_000;
}

/** Whether a MIC of this chart holds the lock of 1.8.17. Both are pods, of the same Deployment. */
export async function oursLeads(cluster: Cluster): Promise<boolean> {
  const { holderIdentity } = await lock(cluster);
  const path = 'jsonpath={.spec.containers[0].image}';
  const pod = ['get', 'pod', holderIdentity, '-n', 'kube-system', '--ignore-not-found', '-o', path];
  return holderIdentity !== '' && (await cluster.kubectl(...pod)) === imageName('mic');
}
