/** MIC ends at each call that it makes in a pass, to the API or to ARM, in turn; the one after it brings all to its end. */
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const LEASE = /\/(leases|endpoints|events)\b/;
/** More than a pass of this world makes. */
const CALLS = 16;

describe('MIC that ends', () => {
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

  /** From the call with this number on, nothing is answered and nothing done: so it is for a process that was killed. */
  function endAt(number: number): () => number {
    const { requests, faults } = cluster.kube;
    let calls = 0;
    const count = (): void => {
      calls += 1;
      if (calls !== number) return;
      faults.add({ times: Infinity, action: { kind: 'silence' } });
      cluster.azure.control.hang('arm');
    };
    const push = requests.push.bind(requests);
    requests.push = (...added) => {
      const isWrite = added.some(({ method, path }) => method !== 'GET' && !LEASE.test(path));
      if (isWrite) count();
      return push(...added);
    };
    const { faults: armFaults } = cluster.azure.control;
    const take = armFaults.take.bind(armFaults);
    armFaults.take = (operation, target) => {
      if (operation.startsWith('arm')) count();
      return take(operation, target);
    };
    return () => calls;
  }

  const executed = () =>
    cluster.azure.state.requests.filter(({ operation, status }) => operation === 'arm.update' && status !== 0).length;

  it.each(Array.from({ length: CALLS }, (_, index) => index + 1))('at call %d of a pass', async (number) => {
    const foreign = cluster.newIdentity('foreign').toLowerCase();
    const set = cluster.addScaleSet('set', 2, [foreign]);
    const [kept, old, next] = ['kept', 'old', 'next'].map((name) => cluster.bindIdentity(name));
    cluster.addPod('kept', 'set-0', 'kept');
    cluster.addPod('old', 'set-1', 'old');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(2));
    expect(cluster.assigned(set).sort()).toEqual([foreign, kept, old].sort());
    await mic.stop();

    cluster.deletePod('old');
    cluster.addPod('next', 'set-1', 'next');
    cluster.azure.control.arm.updateMs = 200;
    const calls = endAt(number);
    mic = startMic(cluster);
    await eventually(() => calls() >= number || cluster.states().includes('next-default-next Assigned'));
    const stopped = mic.stop();
    cluster.kube.faults.clear();
    cluster.azure.control.faults.clear();
    await stopped;

    mic = startMic(cluster);
    await eventually(() => cluster.states().join() === 'kept-default-kept Assigned,next-default-next Assigned');
    await eventually(() => !cluster.assigned(set).includes(old ?? ''));
    expect(cluster.assigned(set).sort()).toEqual([foreign, kept, next].sort());
    expect([executed(), cluster.ledgers()]).toEqual([2, 1]);
  });
});
