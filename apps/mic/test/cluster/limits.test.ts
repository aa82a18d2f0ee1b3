import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

/** What ARM takes of one principal in one subscription and region. */
const LIMITS = { reads: { size: 250, perSecond: 25 }, writes: { size: 200, perSecond: 10 } };

describe('where ARM counts requests as it does', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    Object.assign(cluster.azure.control.arm, { limits: LIMITS, updateMs: 250 });
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const refused = () => cluster.azure.state.requests.filter(({ status }) => status === 429);
  const count = (operation: string) =>
    cluster.azure.state.requests.filter((each) => each.operation === operation).length;

  it('a first sync of many VMs at once provokes no 429, and takes one write for each', async () => {
    cluster.bindIdentity('demo');
    for (let at = 0; at < 50; at++) {
      cluster.addVm(`vm-${at}`);
      cluster.addPod(`pod-${at}`, `vm-${at}`, 'demo');
    }
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(50));
    expect([refused(), count('arm.update'), count('arm.lookup')]).toEqual([[], 50, 1]);
  });
});
