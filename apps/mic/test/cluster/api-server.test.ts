/** What the API server does to MIC: watches that stand still, conflicts, minutes without it. Hours pass in seconds. */
import { API_VERSION } from '@aad-pod-identity/crd-types';
import type { KubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';
import { SkippingClock } from './skipping-clock.ts';

const MINUTE = 60_000;

describe('MIC and an API server', () => {
  let cluster: TestCluster;
  let clock: SkippingClock;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    clock = new SkippingClock();
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const recordWrites = (): KubernetesSimulator['requests'] =>
    cluster.kube.requests.filter(({ method, path }) => method !== 'GET' && path.includes('azureassignedidentities'));

  describe('whose watches say nothing while objects change', () => {
    let set: string;
    let ids: string[];
    beforeEach(async () => {
      set = cluster.addScaleSet('set', 2);
      ids = ['kept', 'old', 'next'].map((name) => cluster.bindIdentity(name));
      cluster.addPod('kept', 'set-0', 'kept');
      cluster.addPod('old', 'set-1', 'old');
      mic = startMic(cluster, [], clock);
      await eventually(cluster.allAssigned(2));
    });

    async function converges(withinMs: number): Promise<void> {
      cluster.deletePod('old');
      cluster.addPod('next', 'set-1', 'next');
      const wanted = 'kept-default-kept Assigned,next-default-next Assigned';
      await clock.passUntil(() => cluster.states().join() === wanted, withinMs);
      const [kept, , next] = ids;
      await clock.passUntil(() => cluster.assigned(set).join() === [kept, next].sort().join(), MINUTE);
      expect(cluster.armWrites()).toBe(2);
    }

    it('opens new ones, and brings everything to where it is to be', async () => {
      cluster.kube.silenceWatches();
      await converges(4 * MINUTE);
    });

    it('lists anew where the new ones say nothing either', async () => {
      cluster.kube.faults.add({ watch: true, times: Infinity, action: { kind: 'silence' } });
      cluster.kube.silenceWatches();
      await converges(7 * MINUTE);
    });
  });

  describe('that refuses every write a few times as a conflict', () => {
    const CONFLICTS = 4;
    const PODS = 5;

    it('gets all of them in the end, with few requests and one write to Azure', async () => {
      const set = cluster.addScaleSet('set', 1);
      const identity = cluster.bindIdentity('demo');
      const names = Array.from({ length: PODS }, (_, index) => `web-${index}`);
      const conflict = (method: string, path: RegExp, times: number): void => {
        cluster.kube.faults.add({ method, path, times, action: { kind: 'status', status: 409 } });
      };
      conflict('POST', /azureassignedidentities$/, CONFLICTS * PODS);
      for (const method of ['PATCH', 'DELETE']) {
        for (const name of names) conflict(method, new RegExp(`/${name}-default-demo$`), CONFLICTS);
        conflict(method, /configmaps/, CONFLICTS);
      }
      conflict('PUT', /leases|endpoints/, CONFLICTS);
      conflict('PATCH', /azureidentities.*status$/, CONFLICTS);
      for (const name of names) cluster.addPod(name, 'set-0', 'demo');
      mic = startMic(cluster, [], clock);
      await clock.passUntil(cluster.allAssigned(PODS), 2 * MINUTE);
      await clock.passUntil(() => cluster.identityCondition('demo')?.status === 'True', 2 * MINUTE);
      for (const name of names) cluster.deletePod(name);
      await clock.passUntil(() => cluster.states().length === 0 && cluster.ledgers() === 0, 2 * MINUTE);
      expect([cluster.assigned(set), cluster.armWrites()]).toEqual([[], 2]);
      expect(cluster.azure.state.identity(identity)).toBeDefined();
      // Each record is created, perhaps changed once, and deleted.
      expect(recordWrites().length).toBeLessThanOrEqual(PODS * 3 * (CONFLICTS + 1));
    });

    it('deletes also what ARM has no part in, and asks for which there is no reason to look again', async () => {
      cluster.addVm('vm-0');
      cluster.bindIdentity('principal');
      cluster.kube.state.patch(API_VERSION, 'AzureIdentity', 'default', 'principal', { spec: { type: 1 } });
      cluster.addPod('web', 'vm-0', 'principal');
      mic = startMic(cluster, [], clock);
      await eventually(cluster.allAssigned(1));
      const action = { kind: 'status', status: 409 } as const;
      cluster.kube.faults.add({ method: 'DELETE', path: /azureassigned/, times: CONFLICTS, action });
      cluster.deletePod('web');
      await clock.passUntil(() => cluster.states().length === 0, MINUTE);
      expect(recordWrites().filter(({ method }) => method === 'DELETE')).toHaveLength(CONFLICTS + 1);
    });
  });

  it('that is away for ten minutes: nothing ends, nothing is written twice, and what changed meanwhile is done', async () => {
    const set = cluster.addScaleSet('set', 2);
    const [kept, old, next] = ['kept', 'old', 'next'].map((name) => cluster.bindIdentity(name));
    cluster.addPod('kept', 'set-0', 'kept');
    cluster.addPod('old', 'set-1', 'old');
    mic = startMic(cluster, [], clock);
    await eventually(cluster.allAssigned(2));
    expect(cluster.assigned(set)).toEqual([kept, old].sort());
    await cluster.kube.stop();
    const from = cluster.azure.state.requests.length;
    cluster.deletePod('old');
    cluster.addPod('next', 'set-1', 'next');
    await clock.pass(10 * MINUTE);
    // Who does not lead neither asks nor writes; two looks may have come before the lease was over.
    expect(cluster.azure.state.requests.slice(from).length).toBeLessThanOrEqual(4);
    await cluster.kube.start();
    const wanted = 'kept-default-kept Assigned,next-default-next Assigned';
    await clock.passUntil(() => cluster.states().join() === wanted, 2 * MINUTE);
    await clock.passUntil(() => cluster.assigned(set).join() === [kept, next].sort().join(), MINUTE);
    expect(cluster.armWrites()).toBe(2);
  });
});
