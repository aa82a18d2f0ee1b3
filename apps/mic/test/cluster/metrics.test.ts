import { eventually, TestCluster } from './cluster.ts';
import { MicProcess } from './process.ts';

let cluster: TestCluster;
let mic: MicProcess;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop('SIGTERM');
  await cluster.close();
});

/** Name and labels, without the prefix -> value. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const lines = (await mic.url('metricsPort', '/metrics'))
    .split('\n')
    .filter((line) => line.startsWith('aadpodidentity_'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice('aadpodidentity_'.length, at), Number(line.slice(at + 1))];
    }),
  );
}

const shows = (series: string, value: number): Promise<void> =>
  eventually(async () => (await scrape()).get(series) === value);

it('each pod is measured once for each identity, from when it is seen until it has it', async () => {
  cluster.addScaleSet('set', 1);
  cluster.bindIdentity('first', 'demo');
  cluster.bindIdentity('second', 'demo');
  mic = MicProcess.of(cluster, '--identity-assignment-reconcile-interval=50ms', '--syncRetryDuration=50ms');
  await shows('mic_new_leader_election_count', 1);
  cluster.azure.control.arm.updateMs = 400;
  cluster.addPod('a', 'set-0', 'demo');
  cluster.addPod('b', 'set-0', 'demo');
  await shows('mic_pod_assignment_duration_seconds_count', 4);
  const metrics = await scrape();
  expect(metrics.get('mic_pod_assignment_duration_seconds_bucket{le="0.25"}')).toBe(0);
  expect(metrics.get('assigned_identity_addition_count')).toBe(4);
  expect(metrics.get('cloud_provider_operations_duration_seconds_count{operation_type="vmss_update"}')).toBe(1);
  expect(metrics.get('mic_identities_per_resource_bucket{le="1"}')).toBeLessThan(
    metrics.get('mic_identities_per_resource_bucket{le="2"}') ?? 0,
  );
  expect(metrics.get('mic_queue_depth{queue="records"}')).toBe(0);
  const perResource = [...metrics].filter(([series]) => series.startsWith('mic_resource_identities'));
  expect(perResource).toEqual([[expect.stringMatching(/resource="set"/), 2]]);
});

it('pods without an identity are counted by reason, until they have one', async () => {
  cluster.addVm('vm-0');
  mic = MicProcess.of(cluster);
  cluster.bindIdentity('demo');
  cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentityBinding', 'default', 'demo', {
    spec: { serviceAccountNames: ['app'] },
  });
  for (const name of ['a', 'b']) cluster.addPod(name, 'vm-0', 'demo');
  cluster.addPod('host', 'vm-0', 'demo', { hostNetwork: true, serviceAccount: 'app' });
  await shows('mic_pods_without_identity{reason="ServiceAccountNotAllowed"}', 2);
  await shows('mic_pods_without_identity{reason="HostNetwork"}', 1);
  cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentityBinding', 'default', 'demo', {
    spec: { serviceAccountNames: null },
  });
  await shows('mic_pods_without_identity{reason="ServiceAccountNotAllowed"}', 0);
  cluster.deletePod('host');
  await shows('mic_pods_without_identity{reason="HostNetwork"}', 0);
});

it.each([['resource'], ['subscription']] as const)(
  'a 429 of one %s is counted, and its pause is shown',
  async (scope) => {
    cluster.addScaleSet('set', 1);
    cluster.bindIdentity('demo');
    cluster.azure.control.failNext('arm.update', {
      kind: 'throttle',
      retryAfter: 60,
      ...(scope === 'subscription' ? { code: 'SubscriptionRequestsThrottled' } : {}),
    });
    cluster.addPod('web', 'set-0', 'demo');
    mic = MicProcess.of(cluster);
    await shows(`mic_arm_pauses{operation="write",scope="${scope}"}`, 1);
    const metrics = await scrape();
    expect(metrics.get(`mic_arm_throttled_total{operation_type="vmss_update",scope="${scope}"}`)).toBe(1);
    expect(metrics.get('cloud_provider_operations_errors_count{operation_type="vmss_update"}')).toBe(1);
  },
);

it('what the API server refuses is counted by operation', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  const refusal = { kind: 'status', status: 422 } as const;
  cluster.kube.faults.add({ method: 'POST', path: /azureassignedidentities/, action: refusal });
  cluster.addPod('web', 'vm-0', 'demo');
  mic = MicProcess.of(cluster);
  await eventually(cluster.allAssigned(1));
  expect(
    (await scrape()).get('kubernetes_api_operations_errors_count{operation_type="assigned_identity_addition"}'),
  ).toBe(1);
});
