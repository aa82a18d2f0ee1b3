/** What operators of 1.8.17 suffered from with identities in Azure; each test is named by what ours does. */
import { API_VERSION } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding, node } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';
import { SkippingClock } from '../cluster/skipping-clock.ts';

const DRIFT = '--identity-assignment-reconcile-interval=100ms';

describe('identities in Azure, as operators need them', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const bindTwenty = () => Array.from({ length: 20 }, (_, at) => cluster.bindIdentity(`id-${at}`, 'demo'));
  const notAssigned = () => cluster.records().filter(({ status }) => status.status !== 'Assigned');
  const reasons = () =>
    notAssigned()
      .map(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.reason)
      .sort();
  const requests = (...operations: string[]) =>
    cluster.azure.state.requests.filter(({ operation }) => operations.includes(operation));

  it('1: 20 identities, 3 bad: 17 Assigned in one pass; each bad one has a reason and its own back-off', async () => {
    const vm = cluster.addVm('vm-0');
    const ids = bindTwenty();
    for (const [at, breakage] of [
      [3, 'missing'],
      [8, 'forbidden'],
      [15, 'invalid'],
    ] as const) {
      cluster.azure.control.breakIdentity(ids[at] ?? '', breakage);
    }
    cluster.addPod('web', 'vm-0', 'demo');
    const clock = new SkippingClock();
    mic = startMic(cluster, ['--leader-election-duration=100h'], clock);
    await eventually(cluster.allAssigned(17));
    expect([cluster.assigned(vm).length, requests('arm.update').length <= 4]).toEqual([17, true]);
    const expected = ['FailedIdentityOperation', 'LinkedAuthorizationFailed', 'LinkedInvalidPropertyId'];
    await eventually(() => reasons().join() === expected.join());
    const before = requests('arm.update').length;
    // What comes later is written without them: they rest.
    const late = cluster.bindIdentity('late');
    cluster.addPod('late', 'vm-0', 'late');
    await eventually(() => cluster.assigned(vm).includes(late));
    await eventually(cluster.allAssigned(18));
    expect(requests('arm.update')).toHaveLength(before + 1);
    // Each comes back for itself, and the mended one alone is assigned.
    cluster.azure.control.mendIdentity(ids[3] ?? '');
    await clock.passUntil(cluster.allAssigned(19), 60_000);
    await eventually(() => reasons().join() === expected.slice(1).join());
    expect(requests('arm.update').length).toBeLessThanOrEqual(before + 5);
  });

  it.each([1, 3])('1: an error that names no id: the %d bad ones are found by bisecting', async (count) => {
    const vm = cluster.addVm('vm-0');
    const bad = bindTwenty().slice(0, count);
    const action = { kind: 'status', status: 400, code: 'FailedIdentityOperation', message: 'no id' } as const;
    for (const id of bad) {
      const match = `${id.slice(id.lastIndexOf('/providers/'))}"`;
      cluster.azure.control.failNext('arm.update', action, { times: Infinity, match });
    }
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(20 - count));
    await eventually(() => reasons().join() === bad.map(() => 'FailedIdentityOperation').join());
    expect(cluster.assigned(vm).filter((id) => bad.includes(id))).toEqual([]);
    expect(requests('arm.update').length).toBeLessThanOrEqual(count * 2 * Math.ceil(Math.log2(20)) + 1);
    await cluster.azure.control.reset();
  });

  it('2: identity already on the scale set: Assigned with no ARM write', async () => {
    const armId = cluster.bindIdentity('demo');
    const set = cluster.addScaleSet('set', 1, [armId]);
    cluster.addPod('web', 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    expect([cluster.assigned(set), requests('arm.update')]).toEqual([[armId], []]);
  });

  it('9: never removes what was there before it, nor immutable ones in any case', async () => {
    const [own, there, fixedById, fixedByClient] = ['own', 'there', 'fixed', 'fixed-too'].map((name) =>
      cluster.bindIdentity(name, 'demo'),
    ) as [string, string, string, string];
    const foreign = cluster.newIdentity('foreign').toLowerCase();
    const set = cluster.addScaleSet('set', 2, [there.toUpperCase(), foreign]);
    const { clientId } = cluster.azure.state.identity(fixedByClient);
    cluster.addPod('web', 'set-0', 'demo');
    const immutable = `--immutable-user-msis=${fixedById.toUpperCase()},${clientId.toUpperCase()}`;
    mic = startMic(cluster, [DRIFT, immutable]);
    await eventually(cluster.allAssigned(4));
    expect(cluster.assigned(set)).toEqual([foreign, own, there, fixedById, fixedByClient].sort());
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && !cluster.assigned(set).includes(own));
    const left = [foreign, there, fixedById, fixedByClient].sort();
    expect(cluster.assigned(set)).toEqual(left);
    // Nor a MIC that knows nothing of it any more.
    await mic.stop();
    const reads = requests('arm.get').length;
    mic = startMic(cluster, [DRIFT, immutable]);
    cluster.addPod('again', 'set-1', 'demo');
    await eventually(cluster.allAssigned(4));
    cluster.deletePod('again');
    await eventually(() => cluster.states().length === 0 && !cluster.assigned(set).includes(own));
    expect([cluster.assigned(set), requests('arm.get').length > reads]).toEqual([left, true]);
  });

  it('9: a system-assigned identity stays, whatever is assigned and taken off beside it', async () => {
    const { id, providerId } = cluster.azure.addVm({ resourceGroup: 'nodes', name: 'vm-0', systemAssigned: true });
    cluster.kube.state.create(node({ name: 'vm-0', providerID: providerId }));
    const { systemAssigned } = cluster.azure.state.resource(id);
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(id).length === 0);
    expect(cluster.azure.state.resource(id).systemAssigned).toEqual(systemAssigned);
  });

  it.each(['oldIds', 'noIds'] as const)(
    '10: an identity recreated under the same name is detected (%s), removed and re-added, with an Event',
    async (shown) => {
      const set = cluster.addScaleSet('set', 2);
      const armId = cluster.bindIdentity('demo');
      cluster.addPod('web', 'set-0', 'demo');
      cluster.addPod('db', 'set-1', 'demo');
      mic = startMic(cluster);
      await eventually(cluster.allAssigned(2));
      await mic.stop();
      const { clientId } = cluster.azure.state.recreateIdentity(armId, shown);
      mic = startMic(cluster, [DRIFT]);
      await eventually(() => cluster.azure.state.resource(set).userAssigned.get(armId)?.clientId === clientId);
      await eventually(() => JSON.stringify(cluster.records()).split(clientId).length === 3);
      await eventually(cluster.allAssigned(2));
      await eventually(() => cluster.events().includes('demo: identity recreated'));
      expect([cluster.assigned(set), requests('arm.update').length]).toEqual([[armId], 3]);
    },
  );

  it.each(['standard', 'namespaced'])('28: any case of an id works in %s mode', async (mode) => {
    cluster.azure.control.arm.idCase = 'upper';
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'Identities', name: 'Demo' });
    const spec = { resourceID: id.replace('/subscriptions/', '/SUBSCRIPTIONS/'), clientID: clientId.toUpperCase() };
    cluster.kube.state.create(azureIdentity({ name: 'demo', spec }));
    cluster.kube.state.create(azureIdentityBinding({ name: 'demo' }));
    const { providerIds, id: set } = cluster.azure.addScaleSet({ resourceGroup: 'Nodes', name: 'Set', instances: 3 });
    const spellings = [
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => text.toLowerCase(),
    ];
    providerIds.forEach((providerId, at) => {
      const providerID = `azure://${spellings[at]?.(providerId.slice('azure://'.length)) ?? ''}`;
      cluster.kube.state.create(node({ name: `set-${at}`, providerID }));
      cluster.addPod(`web-${at}`, `set-${at}`, 'demo');
    });
    mic = startMic(cluster, [DRIFT, ...(mode === 'namespaced' ? ['--forceNamespaced'] : [])]);
    await eventually(cluster.allAssigned(3));
    const reads = requests('arm.get').length;
    await eventually(() => requests('arm.get').length > reads + 2);
    expect([cluster.assigned(set), requests('arm.update').length, cluster.ledgers()]).toEqual([
      [id.toLowerCase()],
      1,
      1,
    ]);
    expect(cluster.records().map(({ status }) => status.conditions?.[0]?.reason)).toEqual(Array(3).fill('Assigned'));
    const edited = { spec: { resourceID: id.toUpperCase() } };
    cluster.kube.state.patch(API_VERSION, 'AzureIdentity', 'default', 'demo', edited);
    await eventually(() => JSON.stringify(cluster.records()).split(id.toUpperCase()).length === 4);
    for (let at = 0; at < 3; at++) cluster.deletePod(`web-${at}`);
    await eventually(() => cluster.states().length === 0 && cluster.assigned(set).length === 0);
    expect(requests('arm.update')).toHaveLength(2);
  });
});
