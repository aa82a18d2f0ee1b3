/** Whether NMI, in its own container on a real node, sees how pods are reached, so that an outage does not touch them. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { askFromNode, createPod, installWorkloads, startNode, until } from '../../src/node-cluster.ts';

it('the way to a pod of a real node becomes known', async () => {
  const cluster: Cluster = await startNode();
  await installWorkloads(cluster);
  await createPod(cluster, 'reached');
  const proven = async (): Promise<number> => {
    const { body } = await askFromNode(cluster, 'http://127.0.0.1:9090/metrics');
    return Number(/^aadpodidentity_nmi_proven_pod_addresses (\d+)$/m.exec(body)?.[1] ?? 0);
  };
  // the pod speaks to the node, as pods do
  const script = 'require("node:net").connect(2579, "169.254.169.254").on("error", () => {})';
  await cluster.kubectl('exec', 'reached', '--', 'node', '-e', script);
  await until(async () => (await proven()) > 0);
});
