/** What pods see of an update of NMI's DaemonSet. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { apply, createPod, installWorkloads, startNode } from '../../src/node-cluster.ts';
import { startSteadyLoad } from '../../src/steady-load.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const RESOURCE_ID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second`;
const CLIENT_ID = '00000000-cccc-4000-8000-000000000003';
const ROLLOUTS = 10;
const POD = 'asking';

const aad = (kind: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name: 'second', namespace: 'default' } },
  spec,
});

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startNode();
  await installWorkloads(cluster);
  await apply(cluster, [
    aad('AzureIdentity', { type: 0, resourceID: RESOURCE_ID, clientID: CLIENT_ID }),
    aad('AzureIdentityBinding', { azureIdentity: 'second', selector: 'second' }),
  ]);
  await createPod(cluster, POD, { label: 'second' });
});

afterAll(async () => {
  await cluster.kubectl('delete', 'pod', POD, '--now');
  await cluster.kubectl('delete', 'azureidentity/second', 'azureidentitybinding/second');
});

it(`loses no request while NMI is replaced ${ROLLOUTS} times`, async () => {
  const load = await startSteadyLoad(cluster, POD);
  for (let nth = 0; nth < ROLLOUTS; nth++) {
    await cluster.kubectl('rollout', 'restart', 'daemonset/nmi');
    await cluster.kubectl('rollout', 'status', 'daemonset/nmi', '--timeout=60s');
  }
  const { answered, failures, slowestMs } = await load.end();
  process.stdout.write(`${answered} answered during ${ROLLOUTS} rollouts, the slowest after ${slowestMs} ms\n`);
  expect(failures).toEqual({});
  expect(answered).toBeGreaterThan(ROLLOUTS * 100);
});
