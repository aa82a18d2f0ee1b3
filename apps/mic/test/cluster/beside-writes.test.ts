import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

/** Longer than any test: what happens does not wait for its end. */
const ENDLESS_MS = 15 * 60_000;

describe('while ARM is busy with a scale set', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  let set: string;
  let slow: string;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    set = cluster.addScaleSet('set', 2, [cluster.bindIdentity('there')]);
    slow = cluster.bindIdentity('slow');
    bindOfType(1, 'principal');
    bindOfType(2, 'certificate');
    mic = startMic(cluster);
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  function bindOfType(type: number, name: string): void {
    cluster.bindIdentity(name);
    cluster.kube.state.patch('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', name, { spec: { type } });
  }
  const stateOf = (record: string) =>
    cluster.records().find(({ metadata }) => metadata.name === record)?.status.status ?? 'none';
  const reach = (record: string, state: string) => eventually(() => stateOf(record) === state);

  /** Two pods whose identities are there or need no ARM, then a write that does not end. */
  async function withWriteInFlight(): Promise<void> {
    cluster.addPod('early', 'set-0', 'there');
    cluster.addPod('plain', 'set-0', 'principal');
    await reach('early-default-there', 'Assigned');
    await reach('plain-default-principal', 'Assigned');
    cluster.azure.control.arm.updateMs = ENDLESS_MS;
    cluster.addPod('waiting', 'set-0', 'slow');
    await eventually(() => cluster.armWrites() === 1);
  }

  it.each([
    ['a service principal', 'principal'],
    ['a certificate', 'certificate'],
    ['an identity that is on the scale set', 'there'],
  ])('a new pod of %s has its record, Assigned', async (_case, label) => {
    await withWriteInFlight();
    cluster.addPod('late', 'set-1', label);
    await reach(`late-default-${label}`, 'Assigned');
    expect(stateOf('waiting-default-slow')).toBe('Created');
  });

  it('a new pod of the identity that is being assigned waits with it', async () => {
    await withWriteInFlight();
    cluster.addPod('late', 'set-1', 'slow');
    await reach('late-default-slow', 'Created');
    expect([stateOf('waiting-default-slow'), cluster.armWrites()]).toEqual(['Created', 1]);
  });

  it('records that nobody needs go, where nothing on Azure hangs on them', async () => {
    await withWriteInFlight();
    cluster.deletePod('early');
    cluster.deletePod('plain');
    await eventually(() => cluster.states().join() === 'waiting-default-slow Created');
    expect(cluster.armWrites()).toBe(1);
  });

  it('a pod of an identity that is being taken off does not get it, and its record waits', async () => {
    cluster.addPod('gone', 'set-0', 'slow');
    await reach('gone-default-slow', 'Assigned');
    cluster.azure.control.arm.updateMs = ENDLESS_MS;
    cluster.deletePod('gone');
    await eventually(() => cluster.armWrites() === 2);
    cluster.addPod('next', 'set-1', 'slow');
    await reach('next-default-slow', 'Created');
    expect(cluster.armWrites()).toBe(2);
  });

  it('what came up meanwhile is written when the write has ended, in one further write', async () => {
    cluster.bindIdentity('second');
    cluster.bindIdentity('third');
    cluster.azure.control.arm.updateMs = 500;
    cluster.addPod('gone', 'set-0', 'slow');
    await eventually(() => cluster.armWrites() === 1);
    cluster.deletePod('gone');
    cluster.addPod('second', 'set-0', 'second');
    cluster.addPod('third', 'set-1', 'third');
    await reach('second-default-second', 'Assigned');
    await reach('third-default-third', 'Assigned');
    await eventually(() => stateOf('gone-default-slow') === 'none' && cluster.ledgers() === 1);
    expect(cluster.armWrites()).toBe(2);
    expect(cluster.assigned(set)).not.toContain(slow);
  });

  it('a read that ARM does not answer holds up no service principal either', async () => {
    cluster.azure.control.hang('arm');
    cluster.addPod('waiting', 'set-0', 'slow');
    await eventually(() => cluster.azure.state.requests.some(({ operation }) => operation === 'arm.get'));
    cluster.addPod('late', 'set-1', 'principal');
    await reach('late-default-principal', 'Assigned');
    await cluster.azure.control.reset();
  });
});
