import { type Cluster } from '@aad-pod-identity/cluster';
import { isAlive } from '../../src/machine.ts';

export const pids = (cluster: Cluster) => Object.fromEntries(cluster.processes().map(({ name, pid }) => [name, pid]));

/** Ends the cluster and says which of its processes are left. */
export async function stop(cluster: Cluster): Promise<number[]> {
  const found = cluster.processes().flatMap(({ pid }) => pid ?? []);
  await cluster.stop();
  return found.filter(isAlive);
}

export const pod = (name: string, spec: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
  spec: { containers: [{ name: 'main', image: IMAGE }], terminationGracePeriodSeconds: 0, ...spec },
});

export const IMAGE = 'aad-pod-identity.test/busybox:1';

export async function create(cluster: Cluster, ...objects: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'create', '-f', '-'];
  const { code, stderr } = await cluster.exec(command, list);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}
