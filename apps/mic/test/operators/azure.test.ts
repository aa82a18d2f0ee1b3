/** What operators of 1.8.17 suffered from with ARM, VMs and scale sets; each test is named by what ours does. */
import { azureIdentity, azureIdentityBinding, node } from '@aad-pod-identity/testing';
import type { OperationName } from '@aad-pod-identity/testing/azure';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

const DRIFT_MS = 300;
const DRIFT = `--identity-assignment-reconcile-interval=${DRIFT_MS}ms`;

describe('ARM, VMs and scale sets, as operators need them', () => {
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

  const requests = (operation: OperationName, name = '') =>
    cluster.azure.state.requests.filter(
      (each) => each.operation === operation && each.path.toLowerCase().endsWith(name.toLowerCase()),
    );
  const stateOf = (record: string) => cluster.records().find(({ metadata }) => metadata.name === record)?.status.status;

  it.each(['arm.get', 'arm.update', 'arm.poll'] as const)(
    '3: a scale set that never answers (%s) delays no other of fifty',
    async (operation) => {
      cluster.bindIdentity('demo');
      cluster.addScaleSet('silent', 1);
      cluster.azure.control.arm.updateMs = operation === 'arm.poll' ? 50 : 0;
      // Which write a poll belongs to its path does not say: the first one that is made is the one.
      const match = operation === 'arm.poll' ? {} : { match: '/silent' };
      cluster.azure.control.hang(operation, { times: operation === 'arm.poll' ? 1 : Infinity, ...match });
      cluster.addPod('silent', 'silent-0', 'demo');
      mic = startMic(cluster);
      await eventually(() => requests('arm.poll').length === 1 || operation !== 'arm.poll');
      for (let at = 0; at < 49; at++) {
        cluster.addScaleSet(`set-${at}`, 1);
        cluster.addPod(`pod-${at}`, `set-${at}-0`, 'demo');
      }
      await eventually(cluster.allAssigned(49));
      expect(stateOf('silent-default-demo')).not.toBe('Assigned');
      await cluster.azure.control.reset();
    },
  );

  it.each([
    ['the call', 'arm.update', 0],
    ['a poll', 'arm.poll', 300],
  ] as const)('4: 429 on %s: no write there before Retry-After has passed, others go on', async (...row) => {
    const [, operation, updateMs] = row;
    cluster.addScaleSet('busy', 1);
    cluster.bindIdentity('demo');
    cluster.bindIdentity('second');
    cluster.azure.control.arm.updateMs = updateMs;
    cluster.azure.control.throttle(operation, 1, { retryAfter: 3 });
    cluster.addPod('on-busy', 'busy-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('on-busy-default-demo')?.reason === 'TooManyRequests');
    const throttledAt = requests(operation).find(({ status }) => status === 429)?.at ?? 0;
    cluster.addScaleSet('free', 1);
    cluster.addPod('second', 'busy-0', 'second');
    cluster.addPod('on-free', 'free-0', 'demo');
    await eventually(() => stateOf('on-free-default-demo') === 'Assigned');
    expect(stateOf('on-busy-default-demo')).toBe('Created');
    await eventually(cluster.allAssigned(3));
    const later = [...requests('arm.update', '/busy'), ...(updateMs > 0 ? requests('arm.get', '/busy') : [])]
      .map(({ at }) => at - throttledAt)
      .filter((ms) => ms > 0);
    expect(later.length).toBeGreaterThan(0);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(2990);
  });

  it('4: 429 of a subscription: nothing is written in all of it, and another subscription goes on', async () => {
    const [here, there] = ['here', 'there'].map((name) => {
      const place = { subscriptionId: `sub-${name}`, resourceGroup: 'nodes', name };
      const { id, providerId } = cluster.azure.addVm(place);
      cluster.kube.state.create(node({ name, providerID: providerId }));
      return id;
    });
    const code = 'SubscriptionRequestsThrottled';
    const second = cluster.azure.addVm({ subscriptionId: 'sub-here', resourceGroup: 'nodes', name: 'second' });
    cluster.kube.state.create(node({ name: 'second', providerID: second.providerId }));
    cluster.azure.control.throttle('arm.update', 1, { retryAfter: 3, code, match: 'sub-here' });
    cluster.bindIdentity('demo');
    cluster.addPod('first', 'here', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('first-default-demo')?.reason === code);
    cluster.addPod('second', 'second', 'demo');
    cluster.addPod('other', 'there', 'demo');
    await eventually(() => stateOf('other-default-demo') === 'Assigned');
    await eventually(() => cluster.condition('second-default-demo')?.reason === code);
    await eventually(cluster.allAssigned(3));
    const [first, ...rest] = [...requests('arm.update', '/here'), ...requests('arm.update', '/second')];
    expect(rest).toHaveLength(2);
    for (const { at } of rest) expect(at - (first?.at ?? 0)).toBeGreaterThanOrEqual(2990);
    expect([here, there].map((id) => cluster.assigned(id ?? '').length)).toEqual([1, 1]);
  });

  it.each(['lower', 'upper'] as const)(
    '5: steady state: 0 writes, at most 1 GET per resource and interval, whatever the case of ids (%s)',
    async (idCase) => {
      cluster.azure.control.arm.idCase = idCase;
      const [vm, set] = [cluster.addVm('vm-0'), cluster.addScaleSet('set', 3)];
      for (const name of ['Red', 'Blue']) {
        const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'Identities', name });
        const spec = { resourceID: name === 'Red' ? id.toUpperCase() : id, clientID: clientId };
        cluster.kube.state.create(azureIdentity({ name: name.toLowerCase(), spec }));
        cluster.kube.state.create(azureIdentityBinding({ name: name.toLowerCase(), selector: 'demo' }));
      }
      for (const name of ['vm-0', 'set-0', 'set-1', 'set-2']) cluster.addPod(`on-${name}`, name, 'demo');
      mic = startMic(cluster, [DRIFT]);
      await eventually(cluster.allAssigned(8));
      expect([cluster.assigned(vm).length, cluster.assigned(set).length, cluster.armWrites()]).toEqual([2, 2, 2]);
      const settled = Math.max(...requests('arm.update').map(({ at }) => at)) + DRIFT_MS;
      const since = (operation: OperationName, name: string) =>
        requests(operation, name)
          .map(({ at }) => at)
          .filter((at) => at >= settled);
      await eventually(() => since('arm.get', '/set').length > 6);
      expect(cluster.armWrites()).toBe(2);
      const resources = [
        ['arm.get', '/set'],
        ['arm.get', '/vm-0'],
        ['arm.lookup', '/red'],
        ['arm.lookup', '/blue'],
      ] as const;
      for (const [operation, name] of resources) {
        const times = since(operation, name);
        const intervals = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / DRIFT_MS;
        expect(times.length).toBeGreaterThan(3);
        // One at either end, for those that are a moment late.
        expect(times.length).toBeLessThanOrEqual(intervals + 2);
      }
    },
  );

  it('8: what an upgrade strips is re-added within one drift interval, even with a node missing', async () => {
    const set = cluster.addScaleSet('set', 3);
    const [first, second] = [cluster.bindIdentity('first', 'demo'), cluster.bindIdentity('second', 'demo')];
    for (let at = 0; at < 3; at++) cluster.addPod(`pod-${at}`, `set-${at}`, 'demo');
    mic = startMic(cluster, [DRIFT]);
    await eventually(cluster.allAssigned(6));
    cluster.kube.state.delete('v1', 'Node', undefined, 'set-1');
    await eventually(cluster.allAssigned(4));
    const before = cluster.azure.state.requests.length;
    cluster.azure.state.resource(set).userAssigned.clear();
    await eventually(() => cluster.assigned(set).join() === [first, second].sort().join());
    const after = cluster.azure.state.requests.slice(before).map(({ operation }) => operation);
    // One look finds it out, and the write follows that same look.
    expect(after.filter((operation) => operation !== 'arm.lookup').slice(0, 2)).toEqual(['arm.get', 'arm.update']);
    expect(cluster.states().every((state) => state.endsWith('Assigned'))).toBe(true);
  });

  it('8: identities survive the upgrade of a node pool that strips them again and again while nodes come and go', async () => {
    const set = cluster.addScaleSet('pool', 4);
    const ids = ['a', 'b', 'c'].map((name) => cluster.bindIdentity(name, 'demo')).sort();
    const foreign = cluster.newIdentity('foreign').toLowerCase();
    cluster.azure.state.assign(cluster.azure.state.resource(set), foreign);
    for (let at = 0; at < 4; at++) cluster.addPod(`pod-${at}`, `pool-${at}`, 'demo');
    cluster.azure.control.arm.updateMs = 100;
    mic = startMic(cluster, [DRIFT]);
    await eventually(cluster.allAssigned(12));
    for (let at = 0; at < 4; at++) {
      cluster.kube.state.delete('v1', 'Node', undefined, `pool-${at}`);
      cluster.deletePod(`pod-${at}`);
      cluster.azure.state.resource(set).userAssigned.clear();
      const providerID = `azure://${set}/virtualMachines/${at + 4}`;
      cluster.kube.state.create(node({ name: `pool-${at + 4}`, providerID }));
      cluster.addPod(`pod-${at + 4}`, `pool-${at + 4}`, 'demo');
      await eventually(() => cluster.assigned(set).join() === ids.join());
      await eventually(() => cluster.states().filter((state) => state.startsWith(`pod-${at + 4}`)).length === 3);
    }
    await eventually(() => cluster.states().length === 12 && cluster.allAssigned(12)());
    const written = cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.update');
    expect(written.every(({ note }) => note.endsWith('remove 0'))).toBe(true);
  });
});
