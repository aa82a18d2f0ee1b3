/** The last row: regressions of the original that are kept as tests. */
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

let cluster: TestCluster;
let mic: RunningMic;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop();
  await cluster.close();
});

const IDENTITY = ['aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'demo'] as const;

it('the User-Agent does not grow with the calls, and says who calls', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  mic = startMic(cluster, ['--custom-user-agent=my-cluster', '--identity-assignment-reconcile-interval=20ms']);
  for (const name of ['a', 'b', 'c']) {
    cluster.addPod(name, 'vm-0', 'demo');
    await eventually(cluster.allAssigned(1));
    cluster.deletePod(name);
    await eventually(() => cluster.states().length === 0);
  }
  const ofKube = new Set(cluster.kube.requests.map(({ userAgent }) => userAgent));
  expect([...ofKube]).toEqual([expect.stringMatching(/^aad-pod-identity MIC\/\S+ my-cluster$/)]);
  const arm = cluster.azure.state.requests.filter(({ service }) => service === 'arm');
  expect(arm.length).toBeGreaterThan(10);
  // One of the client for compute, one of that for identities.
  const ofArm = [...new Set(arm.map(({ userAgent }) => userAgent))];
  expect(ofArm.length).toBeLessThanOrEqual(2);
  for (const userAgent of ofArm) expect(userAgent.match(/my-cluster/g)).toHaveLength(1);
});

it('a pod whose name is longer than a label may be has its identity', async () => {
  const vm = cluster.addVm('vm-0');
  const identity = cluster.bindIdentity('demo');
  const names = ['p'.repeat(64), `${'p'.repeat(60)}.${'q'.repeat(60)}`, 'x'.repeat(253)];
  for (const name of names) cluster.addPod(name, 'vm-0', 'demo');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(3));
  expect(cluster.assigned(vm)).toEqual([identity]);
  expect(
    cluster
      .records()
      .map(({ spec }) => spec.pod)
      .sort(),
  ).toEqual([...names].sort());
  for (const { metadata } of cluster.records()) expect(metadata.name.length).toBeLessThanOrEqual(253);
});

it('a node whose name is longer than a label may be serves its pods', async () => {
  const name = `node-${'n'.repeat(70)}`;
  cluster.addVm(name);
  cluster.bindIdentity('demo');
  cluster.addPod('web', name, 'demo');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(1));
  expect(cluster.records().map(({ spec }) => spec.nodename)).toEqual([name]);
});

it('a label that changes takes the old identity away and brings the new one', async () => {
  const vm = cluster.addVm('vm-0');
  cluster.bindIdentity('red');
  const blue = cluster.bindIdentity('blue');
  cluster.addPod('web', 'vm-0', 'red');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(1));
  cluster.kube.state.patch('v1', 'Pod', 'default', 'web', { metadata: { labels: { aadpodidbinding: 'blue' } } });
  await eventually(() => cluster.states().join() === 'web-default-blue Assigned');
  expect(cluster.assigned(vm)).toEqual([blue]);
  cluster.kube.state.patch('v1', 'Pod', 'default', 'web', { metadata: { labels: { aadpodidbinding: null } } });
  await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
});

it('an identity that is edited in place is replaced on the machine and in its record', async () => {
  const vm = cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  const other = cluster.newIdentity('other');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await eventually(cluster.allAssigned(1));
  cluster.kube.state.patch(...IDENTITY, { spec: { resourceID: other } });
  await eventually(() => cluster.assigned(vm).join() === other.toLowerCase());
  await eventually(cluster.allAssigned(1));
  expect(JSON.stringify(cluster.records())).toContain(`"resourceID":"${other}"`);
});
