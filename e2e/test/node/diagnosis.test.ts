/** What the demo's check says in a pod that gets no token: whom to ask next. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { createPod, installWorkloads, pidOfPod, startNode } from '../../src/node-cluster.ts';

const POD = 'diagnosed';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startNode();
  await installWorkloads(cluster);
  await createPod(cluster, POD);
});

afterAll(() => cluster.kubectl('delete', 'pod', POD, '--now'));

/** What a policy of the network plugin does to the pod's packets. */
async function filter(action: '-A' | '-D', verdict: string): Promise<void> {
  const pod = ['nsenter', '--target', await pidOfPod(cluster, POD), '--net'];
  const rule = ['OUTPUT', '-p', 'tcp', '-d', '169.254.169.254', '--dport', '80', '-j', verdict];
  const { code, stderr } = await cluster.exec([...pod, 'iptables-nft', action, ...rule]);
  if (code !== 0) throw new Error(stderr);
}

async function check(): Promise<{ code: number; said: string }> {
  const program = ['/usr/local/bin/node', '/app/main.js', '--check', '--timeout=2s'];
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'exec', POD, '--', ...program];
  const { code, stderr } = await cluster.exec(command);
  return { code, said: stderr.split('\n')[0] ?? '' };
}

it('a pod without the label: what NMI says', async () => {
  expect(await check()).toEqual({ code: 1, said: expect.stringMatching(/answers 400: Identity not found/) as string });
});

it.each([
  ['drops', 'DROP', /dropped on the way: a NetworkPolicy .* 169\.254\.169\.254\/32/],
  ['rejects', 'REJECT', /refuses connections \(E\w+\).* NetworkPolicy/],
])('a pod whose packets a policy %s: the policy', async (_, verdict, expected) => {
  await filter('-A', verdict);
  try {
    expect(await check()).toEqual({ code: 1, said: expect.stringMatching(expected) as string });
  } finally {
    await filter('-D', verdict);
  }
});
