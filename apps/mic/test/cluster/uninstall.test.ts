/** What `helm uninstall` asks of MIC by the annotation of its own Deployment: everything that it has assigned goes first. */
import { API_VERSION, LEGACY_FINALIZER, UNINSTALL_ANNOTATION } from '@aad-pod-identity/crd-types';
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';
import { SkippingClock } from './skipping-clock.ts';

const NAMESPACE = 'mic-ns';
const FLAG = `--deployment=${NAMESPACE}/mic`;

describe('an uninstall', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  let set: string;
  let vm: string;
  let before: string;
  let kept: string;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    for (const name of ['mic', 'other']) cluster.kube.state.create(deployment(name));
    before = cluster.newIdentity('before').toLowerCase();
    kept = cluster.bindIdentity('kept', 'demo');
    set = cluster.addScaleSet('set', 2, [before]);
    vm = cluster.addVm('vm-0');
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const deployment = (name: string) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: NAMESPACE, name } },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: {} } },
  });
  const mark = (value: string | null, name = 'mic') =>
    cluster.kube.state.patch('apps/v1', 'Deployment', NAMESPACE, name, {
      metadata: { annotations: { [UNINSTALL_ANNOTATION]: value } },
    });
  const progress = () => {
    const found = cluster.kube.state.get('v1', 'ConfigMap', NAMESPACE, 'aad-pod-identity-uninstall');
    return (found as { data?: Record<string, string> } | undefined)?.data;
  };
  const created = (): number =>
    cluster.kube.requests.filter(({ method, path }) => method === 'POST' && path.includes('azureassigned')).length;

  /** Two identities on the scale set, one on the VM, one of a service principal, and a record that 1.8.17 left. */
  async function assignAll(...flags: string[]): Promise<void> {
    cluster.bindIdentity('demo');
    cluster.bindIdentity('principal', 'demo');
    cluster.kube.state.patch(API_VERSION, 'AzureIdentity', 'default', 'principal', { spec: { type: 1 } });
    for (const [pod, node] of [
      ['web', 'set-0'],
      ['api', 'set-1'],
      ['db', 'vm-0'],
    ] as const)
      cluster.addPod(pod, node, 'demo');
    mic = startMic(cluster, [FLAG, ...flags]);
    await eventually(cluster.allAssigned(9));
  }

  it('takes off what MIC has assigned, and neither what was there before nor what is immutable', async () => {
    await assignAll(`--immutable-user-msis=${kept}`);
    expect([cluster.assigned(set).length, cluster.assigned(vm).length]).toEqual([3, 2]);
    mark('true');
    await eventually(() => progress()?.state === 'released');
    expect(progress()).toEqual({ state: 'released', records: '0', identities: '' });
    expect(cluster.states()).toEqual([]);
    expect(cluster.assigned(set).sort()).toEqual([before, kept].sort());
    expect(cluster.assigned(vm)).toEqual([kept]);
    expect(cluster.ledgers()).toBe(0);
  });

  it('takes off what a 1.8.17 has assigned, with its finalizer', async () => {
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'old' });
    const old = cluster.addScaleSet('old', 1, [id]);
    const identity = azureIdentity({ name: 'old', spec: { resourceID: id, clientID: clientId } });
    const record = azureAssignedIdentity({ pod: 'web', node: 'old-0', identity });
    const metadata = { ...record.metadata, finalizers: [LEGACY_FINALIZER] };
    for (const object of [identity, azureIdentityBinding({ name: 'old' }), { ...record, metadata }])
      cluster.kube.state.create(object);
    cluster.addPod('web', 'old-0', 'old');
    mark('true');
    mic = startMic(cluster, [FLAG]);
    await eventually(() => progress()?.state === 'released');
    expect([cluster.states(), cluster.assigned(old)]).toEqual([[], []]);
  });

  it('is followed by no assignment, whoever leads and whatever comes', async () => {
    await assignAll();
    mark('true');
    await eventually(() => progress()?.state === 'released');
    const already = created();
    await mic.stop();
    mic = startMic(cluster, [FLAG]);
    cluster.addPod('late', 'set-0', 'demo');
    cluster.bindIdentity('late', 'demo');
    // what is deleted after all that shows that it was looked at
    cluster.kube.state.create(azureAssignedIdentity({ pod: 'late', node: 'set-0', identity: azureIdentity() }));
    await eventually(() => cluster.records().length === 0);
    expect([created(), cluster.assigned(vm)]).toEqual([already, []]);
  });

  it('of a VM whose node is gone does not wait for that node', async () => {
    await assignAll();
    cluster.deletePod('db');
    cluster.kube.state.delete('v1', 'Node', '', 'vm-0');
    mark('true');
    await eventually(() => progress()?.state === 'released');
    expect(cluster.assigned(vm)).toEqual([]);
  });

  it('goes on where the Deployment is deleted before MIC ends', async () => {
    await assignAll();
    mark('true');
    await eventually(() => progress()?.state === 'released');
    const already = created();
    cluster.kube.state.delete('apps/v1', 'Deployment', NAMESPACE, 'mic');
    cluster.addPod('late', 'set-0', 'demo');
    cluster.kube.state.create(azureAssignedIdentity({ pod: 'late', node: 'set-0', identity: azureIdentity() }));
    await eventually(() => cluster.records().length === 0);
    expect(created()).toBe(already);
  });

  it('right after a hand-over ends as soon as no write of the leader before can come late', async () => {
    await assignAll();
    await mic.stop();
    const clock = new SkippingClock();
    mic = startMic(cluster, [FLAG], clock);
    await eventually(() => cluster.kube.requests.filter(({ path }) => path.includes('ledger')).length > 0);
    mark('true');
    await clock.passUntil(() => progress()?.state === 'released', 45_000);
    expect([cluster.assigned(set), cluster.assigned(vm), cluster.ledgers()]).toEqual([[before], [], 0]);
  });

  it('says what is left where ARM refuses, and lets go of all the rest', async () => {
    await assignAll();
    cluster.azure.control.deny(set);
    mark('true');
    await eventually(() => progress()?.identities?.includes('DenyAssignment') === true && progress()?.records === '4');
    expect(progress()).toEqual({
      ...{ state: 'releasing', records: '4' },
      identities: 'demo, kept on scale set set of resource group nodes (DenyAssignmentAuthorizationFailed)',
    });
    expect(cluster.assigned(vm)).toEqual([]);
    expect(cluster.assigned(set)).toHaveLength(3);
  });

  it('that is taken back gives everything again', async () => {
    await assignAll();
    mark('true');
    await eventually(() => progress()?.state === 'released');
    mark('false');
    await eventually(cluster.allAssigned(9));
    await eventually(() => progress() === undefined);
    expect(cluster.assigned(set)).toHaveLength(3);
  });

  it('that an earlier MIC has told of, and that was taken back while none ran, is told of no more', async () => {
    const metadata = { namespace: NAMESPACE, name: 'aad-pod-identity-uninstall' };
    cluster.kube.state.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { state: 'released' } });
    await assignAll();
    await eventually(() => progress() === undefined);
  });

  it.each<[sentence: string, act: () => Promise<unknown>]>([
    ['another Deployment with the annotation', () => Promise.resolve(mark('true', 'other'))],
    ['another value', () => Promise.resolve(mark('yes'))],
    [
      'a Deployment that is gone',
      () => Promise.resolve(cluster.kube.state.delete('apps/v1', 'Deployment', NAMESPACE, 'mic')),
    ],
    [
      'an API server that is away',
      async () => {
        await cluster.kube.stop();
        await cluster.kube.start();
      },
    ],
  ])('is not %s', async (_sentence, act) => {
    await assignAll();
    await act();
    cluster.addPod('more', 'vm-0', 'demo');
    await eventually(cluster.allAssigned(12));
    expect([cluster.assigned(set).length, progress()]).toEqual([3, undefined]);
  });

  it('cannot be seen without the right to: MIC works all the same', async () => {
    cluster.kube.faults.add({
      ...{ path: /deployments/, times: Infinity, action: { kind: 'status', status: 403 } },
    });
    await assignAll();
    expect(cluster.assigned(set)).toHaveLength(3);
  });
});
