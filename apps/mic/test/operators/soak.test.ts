/** Row 36: what comes and goes leaves nothing behind in MIC's memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { IdentityFaults } from '../../src/apply/faults.ts';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';
import { SkippingClock } from '../cluster/skipping-clock.ts';

const MINUTE = 60_000;
const ROUNDS = 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Each VM and scale set that MIC remembers has one of these, and each pass over it comes by here. */
const remembered: WeakRef<IdentityFaults>[] = [];
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the object that it was called on
const { keepOnly } = IdentityFaults.prototype;
IdentityFaults.prototype.keepOnly = function (armIds) {
  if (!remembered.some((each) => each.deref() === this)) remembered.push(new WeakRef(this));
  keepOnly.call(this, armIds);
};

/** How many VMs and scale sets are remembered. */
function alive(): number {
  collectGarbage();
  return remembered.filter((each) => each.deref() !== undefined).length;
}

describe('a soak', () => {
  let cluster: TestCluster;
  let clock: SkippingClock;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    clock = new SkippingClock();
    mic = startMic(cluster, ['--leader-election-duration=100h'], clock);
    cluster.bindIdentity('shared');
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
  });

  it.each([
    ['that live on without their nodes', () => undefined],
    ['that go with their nodes', (vm: string) => void cluster.azure.state.resources.delete(vm.toLowerCase())],
  ])('36: flat memory in a soak: VMs and pods come and go, VMs %s', async (_whose, end) => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `vm-${round}`;
      const vm = cluster.addVm(name);
      cluster.addPod(`pod-${round}`, name, 'shared');
      await eventually(cluster.allAssigned(1));
      cluster.deletePod(`pod-${round}`);
      cluster.kube.state.delete('v1', 'Node', undefined, name);
      await eventually(() => cluster.states().length === 0);
      end(vm);
    }
    expect(remembered.length).toBeGreaterThanOrEqual(ROUNDS);
    await clock.pass(58 * MINUTE, MINUTE);
    await clock.passUntil(() => cluster.ledgers() === 0, 10 * MINUTE);
    await clock.passUntil(() => alive() <= 1, 5 * MINUTE);
  });
});
