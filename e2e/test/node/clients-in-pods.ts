/** Pods of a real node with and without an identity, in whose network the client libraries run. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { type Client } from '../../src/clients.ts';
import { apply, createPod, installWorkloads, pidOfPod, startNode, until } from '../../src/node-cluster.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const idOf = (name: string): string => `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

export const SECOND = { resourceID: idOf('second'), clientID: '00000000-cccc-4000-8000-000000000003' };
export const VICTIM = { resourceID: idOf('victim'), clientID: '00000000-cccc-4000-8000-000000000004' };
export const OBJECT_ID = '00000000-dddd-4000-8000-000000000003';

const aad = (kind: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace: 'default' } },
  spec,
});

/** A node whose pod `client` has the identity `second`, `victim` the one of its name, and `stranger` none. */
export async function startClientPods(): Promise<Cluster> {
  const cluster = await startNode();
  await installWorkloads(cluster);
  await apply(cluster, [
    ...[aad('AzureIdentity', 'second', SECOND), aad('AzureIdentity', 'victim', VICTIM)],
    aad('AzureIdentityBinding', 'second', { azureIdentity: 'second', selector: 'second' }),
    aad('AzureIdentityBinding', 'victim', { azureIdentity: 'victim', selector: 'victim' }),
  ]);
  await createPod(cluster, 'client', { label: 'second' });
  await createPod(cluster, 'victim', { label: 'victim' });
  await createPod(cluster, 'stranger');
  const path = 'jsonpath={range .items[*]}{.metadata.name} {.status.status}{"\\n"}{end}';
  const wanted = ['client-default-second Assigned', 'victim-default-victim Assigned'];
  await until(async () => {
    const said = await cluster.kubectl('get', 'azureassignedidentities', '-o', path);
    return wanted.every((state) => said.includes(state));
  });
  return cluster;
}

/** Runs a program of this machine in the network of a pod. */
export async function inNetworkOf(cluster: Cluster, pod: string, command: readonly string[]) {
  return cluster.exec(['nsenter', '--target', await pidOfPod(cluster, pod), '--net', ...command]);
}

export interface Result {
  readonly client: string;
  readonly ms: number;
  readonly token?: string;
  readonly error?: string;
}

export async function runClient(cluster: Cluster, { command }: Client, pod: string, args: readonly string[]) {
  const { stdout, stderr } = await inNetworkOf(cluster, pod, [...command, ...args]);
  const line = stdout.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(stderr);
  return JSON.parse(line) as Result;
}

export function clientIdOf({ token = '' }: Pick<Result, 'token'>): string | undefined {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString('utf8')) as object;
  return 'appid' in claims ? String(claims.appid) : undefined;
}
