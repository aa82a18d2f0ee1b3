import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

/** ARM says so in every answer; MIC then leaves some seconds between two writes in the subscription. */
const NO_WRITES_LEFT = { 'x-ms-ratelimit-remaining-subscription-writes': '0' };

describe('while a write waits for its turn', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    for (const name of ['first', 'second', 'third']) cluster.bindIdentity(name);
    cluster.addVm('vm-0');
    cluster.azure.control.arm.headers = NO_WRITES_LEFT;
    cluster.addPod('zero', 'vm-0', 'first');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const writes = () =>
    cluster.azure.state.requests
      .filter(({ operation }) => operation === 'arm.update')
      .map(({ path, note }) => `${path.split('/').at(-1) ?? ''}: ${note}`);
  const isCreated = (record: string) => () => cluster.states().includes(`${record} Created`);

  it('it is dropped if nobody needs it any more, and merged with what comes up meanwhile', async () => {
    cluster.addVm('dropped');
    cluster.addVm('merged');
    cluster.addPod('gone', 'dropped', 'first');
    cluster.addPod('one', 'merged', 'first');
    await eventually(isCreated('gone-default-first'));
    await eventually(isCreated('one-default-first'));
    cluster.deletePod('gone');
    cluster.addPod('two', 'merged', 'second');
    cluster.addPod('three', 'merged', 'third');
    await eventually(cluster.allAssigned(4));
    await eventually(() => cluster.states().length === 4);
    expect(writes()).toEqual(['vm-0: assign 1, remove 0', 'merged: assign 3, remove 0']);
    await eventually(() => cluster.ledgers() === 2);
  });

  it('reads, records that need no write, and other subscriptions go on', async () => {
    const set = cluster.addScaleSet('set', 1);
    cluster.azure.state.assign(cluster.azure.state.resource(set), cluster.bindIdentity('there'));
    cluster.addVm('waiting');
    cluster.addPod('waits', 'waiting', 'first');
    await eventually(isCreated('waits-default-first'));
    cluster.addPod('goes-on', 'set-0', 'there');
    await eventually(() => cluster.states().includes('goes-on-default-there Assigned'));
    expect(writes()).toEqual(['vm-0: assign 1, remove 0']);
    await eventually(cluster.allAssigned(3));
  });
});
