/** A standby whose watches have died takes over: what it does not know of is not gone. */
import { systemClock } from '@aad-pod-identity/runtime';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const LOCK = { name: 'aad-pod-identity-mic', namespace: 'default' };

describe('a standby that takes over with watches over dead connections', () => {
  let cluster: TestCluster;
  let running: RunningMic[];
  beforeEach(async () => {
    cluster = await TestCluster.start();
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((mic) => mic.stop()));
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const start = (name: string): RunningMic => {
    const args = [`--leader-election-instance=${name}`, '--leader-election-endpoints=false'];
    const mic = startMic(cluster, args);
    running.push(mic);
    return mic;
  };
  const lease = () =>
    cluster.kube.state.get('coordination.k8s.io/v1', 'Lease', LOCK.namespace, LOCK.name)?.spec as
      { holderIdentity: string } | undefined;

  /** As if `holder` had just renewed it: it leads as soon as it starts, and nobody else does. */
  function holdLease(holder: string): void {
    const now = `${new Date(systemClock.now()).toISOString().slice(0, 23)}000Z`;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: 60,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    cluster.kube.state.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: LOCK, spec });
  }

  it.each(['pods', 'nodes', 'azureidentities', 'azureidentitybindings'])(
    'takes nothing from pods that it does not know of, for its watch of %s was dead',
    async (kind) => {
      const set = cluster.addScaleSet('set', 1);
      cluster.bindIdentity('old');
      cluster.addPod('old', 'set-0', 'old');
      holdLease('first');
      start('second');
      const isWatch = ({ query, path }: { query: string; path: string }) =>
        query.includes('watch=true') && path.endsWith(`/${kind}`);
      // Of the pods, those with identities and those of NMI.
      await eventually(() => cluster.kube.requests.filter(isWatch).length === (kind === 'pods' ? 2 : 1));
      cluster.kube.silenceWatches(new RegExp(`/${kind}$`));

      const first = start('first');
      const other = cluster.addScaleSet('other', 1);
      const next = cluster.bindIdentity('next');
      cluster.addPod('next', 'set-0', 'next');
      cluster.addPod('there', 'other-0', 'next');
      await eventually(cluster.allAssigned(3));
      const writes = cluster.armWrites();
      await first.stop();
      await eventually(() => lease()?.holderIdentity === 'second');
      cluster.addPod('last', 'set-0', 'next');
      await eventually(() => cluster.states().includes('last-default-next Assigned'));
      // Of what was known before, what is gone still goes.
      cluster.deletePod('old');
      await eventually(() => !cluster.states().some((state) => state.startsWith('old-')));
      expect([cluster.assigned(set), cluster.assigned(other)]).toEqual([[next], [next]]);
      const names = ['last', 'next', 'there'];
      expect(cluster.states()).toEqual(names.map((name) => `${name}-default-next Assigned`));
      expect(cluster.armWrites()).toBe(writes + 1);
      const deleted = cluster.kube.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
      expect(deleted.filter((path) => !path.endsWith('/old-default-old'))).toEqual([]);
    },
  );
});
