/** MIC ends at each call that it makes in a pass, to the API or to ARM, in turn; the one after it brings all to its end. */
import { jest } from '@jest/globals';
import { eventually, TestCluster } from './cluster.ts';
import { startMic } from './in-process.ts';

/** All cases begin together, and mostly wait. */
jest.setTimeout(120_000);

const LEASE = /\/(leases|endpoints|events)\b/;
/** More than a pass of this world makes. */
const CALLS = 16;
const NUMBERS = Array.from({ length: CALLS }, (_, index) => index + 1);
/** So many at a time: more would wait for the processor, and not for MIC. */
const LANES = 6;

/** From the call with this number on, nothing is answered and nothing done: so it is for a process that was killed. */
function endAt({ kube, azure }: TestCluster, number: number): () => number {
  const { requests, faults } = kube;
  let calls = 0;
  const count = (): void => {
    calls += 1;
    if (calls !== number) return;
    faults.add({ times: Infinity, action: { kind: 'silence' } });
    azure.control.hang('arm');
  };
  const push = requests.push.bind(requests);
  requests.push = (...added) => {
    const isWrite = added.some(({ method, path }) => method !== 'GET' && !LEASE.test(path));
    if (isWrite) count();
    return push(...added);
  };
  const { faults: armFaults } = azure.control;
  const take = armFaults.take.bind(armFaults);
  armFaults.take = (operation, target) => {
    if (operation.startsWith('arm')) count();
    return take(operation, target);
  };
  return () => calls;
}

/** Two pods have their identities; then one goes and another comes. */
async function world(cluster: TestCluster) {
  const foreign = cluster.newIdentity('foreign').toLowerCase();
  const set = cluster.addScaleSet('set', 2, [foreign]);
  const [kept, old, next] = ['kept', 'old', 'next'].map((name) => cluster.bindIdentity(name));
  cluster.addPod('kept', 'set-0', 'kept');
  cluster.addPod('old', 'set-1', 'old');
  const mic = startMic(cluster);
  await eventually(cluster.allAssigned(2));
  expect(cluster.assigned(set).sort()).toEqual([foreign, kept, old].sort());
  await mic.stop();
  cluster.deletePod('old');
  cluster.addPod('next', 'set-1', 'next');
  cluster.azure.control.arm.updateMs = 200;
  return { set, old: old ?? '', wanted: [foreign, kept, next].sort() };
}

async function endsAt(cluster: TestCluster, number: number): Promise<void> {
  const calls = endAt(cluster, number);
  const mic = startMic(cluster);
  await eventually(() => calls() >= number || cluster.states().includes('next-default-next Assigned'));
  const stopped = mic.stop();
  cluster.kube.faults.clear();
  cluster.azure.control.faults.clear();
  await stopped;
}

interface End {
  readonly assigned: readonly string[];
  readonly wanted: readonly (string | undefined)[];
  /** Writes to the scale set that were done. */
  readonly executed: number;
  readonly ledgers: number;
  readonly concurrentWrites: readonly unknown[];
}

async function convergesAfter(number: number): Promise<End> {
  const cluster = await TestCluster.start();
  const { set, old, wanted } = await world(cluster);
  await endsAt(cluster, number);
  const mic = startMic(cluster);
  await eventually(() => cluster.states().join() === 'kept-default-kept Assigned,next-default-next Assigned');
  await eventually(() => !cluster.assigned(set).includes(old));
  const { requests, concurrentWrites } = cluster.azure.state;
  const executed = requests.filter(({ operation, status }) => operation === 'arm.update' && status !== 0).length;
  const end = {
    assigned: cluster.assigned(set).sort(),
    wanted,
    executed,
    ledgers: cluster.ledgers(),
    concurrentWrites,
  };
  await mic.stop();
  await cluster.close();
  return end;
}

describe('MIC that ends', () => {
  const ends = new Map<number, Promise<End>>();
  beforeAll(() => {
    const lanes = Array.from({ length: LANES }, () => Promise.resolve<unknown>(undefined));
    for (const number of NUMBERS) {
      const lane = lanes[number % LANES] ?? Promise.resolve();
      const end = lane.then(() => convergesAfter(number));
      lanes[number % LANES] = end.catch(() => undefined);
      ends.set(number, end);
    }
  });
  afterAll(() => Promise.allSettled(ends.values()));

  it.each(NUMBERS)('at call %d of a pass', async (number) => {
    const { assigned, wanted, ...rest } = (await ends.get(number)) as End;
    expect(assigned).toEqual(wanted);
    expect(rest).toEqual({ executed: 2, ledgers: 1, concurrentWrites: [] });
  });
});
