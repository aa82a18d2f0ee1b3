import { systemClock } from '@aad-pod-identity/runtime';
import { TestCluster } from './cluster.ts';
import { MicProcess } from './process.ts';

const GIVE_UP_MS = 30_000;

/** As `eventually`, but looks so often that a phase of MIC is seen before the next one begins. */
async function reached(condition: () => boolean): Promise<void> {
  const giveUpAt = systemClock.monotonic() + GIVE_UP_MS;
  while (!condition()) {
    if (systemClock.monotonic() > giveUpAt) throw new Error('what was waited for has not come');
    await systemClock.sleep(1);
  }
}

describe('MIC is killed', () => {
  let cluster: TestCluster;
  let mic: MicProcess;
  let set: string;
  let [kept, demo]: [string, string] = ['', ''];
  // The same instance every time: it need not wait for its own lease.
  const start = (): void => {
    mic = MicProcess.of(cluster, '--leader-election-instance=mic');
  };
  beforeEach(async () => {
    cluster = await TestCluster.start();
    set = cluster.addScaleSet('set', 2);
    [kept, demo] = [cluster.bindIdentity('kept'), cluster.bindIdentity('demo')];
    cluster.addPod('kept', 'set-1', 'kept');
    start();
    await reached(() => cluster.states().join() === 'kept-default-kept Assigned' && cluster.ledgers() === 1);
    // Slow enough for each phase to be seen.
    cluster.azure.control.latency('arm.get', 50);
    cluster.azure.control.latency('arm.update', 150);
    cluster.azure.control.arm.updateMs = 400;
  });
  afterEach(async () => {
    await mic.stop('SIGKILL');
    await cluster.close();
  });

  const accepted = () =>
    cluster.azure.state.requests.filter(({ operation, status }) => operation === 'arm.update' && status === 202).length;
  const polls = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.poll').length;
  const stateOf = (record: string): string =>
    cluster.states().find((state) => state.startsWith(`${record} `)) ?? 'none';
  const ledger = (): string =>
    JSON.stringify(
      cluster.kube.state.list('v1', 'ConfigMap').filter(({ metadata }) => metadata.name.includes('ledger')),
    );

  async function crashAndStart(): Promise<void> {
    await mic.stop('SIGKILL');
    start();
  }

  const check = (ids: readonly string[], writes: number): void => {
    expect([cluster.assigned(set), accepted()]).toEqual([[...ids].sort(), writes]);
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  };

  it.each<[phase: string, isReached: () => boolean]>([
    ['before it has looked', () => true],
    ['when the record is there', () => stateOf('db-0-default-demo').endsWith('Created')],
    ['when the ledger is written', () => ledger().includes(demo)],
    ['when ARM has accepted the write', () => accepted() === 1],
    ['while ARM writes', () => polls() === 1],
    ['when ARM has written', () => cluster.assigned(set).includes(demo)],
    ['when the record says Assigned', () => stateOf('db-0-default-demo').endsWith('Assigned')],
  ])('%s, while it assigns: the next one finishes it with one write in all', async (_phase, isReached) => {
    cluster.addPod('db-0', 'set-0', 'demo');
    await reached(isReached);
    await crashAndStart();
    await reached(() => cluster.allAssigned(2)());
    check([kept, demo], 1);
  });

  it.each<[phase: string, isReached: () => boolean]>([
    ['before it has looked', () => true],
    ['when ARM has accepted the write', () => accepted() === 2],
    ['while ARM writes', () => polls() > 2],
    ['when ARM has written', () => !cluster.assigned(set).includes(demo)],
    ['when the record is gone', () => stateOf('db-0-default-demo') === 'none'],
  ])('%s, while it releases: nothing is left, and what is in use stays', async (_phase, isReached) => {
    cluster.addPod('db-0', 'set-0', 'demo');
    await reached(() => cluster.allAssigned(2)());
    cluster.deletePod('db-0');
    await reached(isReached);
    await crashAndStart();
    await reached(() => cluster.states().join() === 'kept-default-kept Assigned');
    await reached(() => !cluster.assigned(set).includes(demo));
    check([kept], 2);
  });

  it('while it assigns what nobody needs any more by then: the next one takes it off again', async () => {
    cluster.addPod('db-0', 'set-0', 'demo');
    await reached(() => accepted() === 1);
    await mic.stop('SIGKILL');
    cluster.deletePod('db-0');
    start();
    await reached(() => cluster.states().join() === 'kept-default-kept Assigned');
    await reached(() => accepted() === 2 && !cluster.assigned(set).includes(demo));
    check([kept], 2);
  });
});
