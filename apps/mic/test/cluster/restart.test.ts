import { eventually, TestCluster } from './cluster.ts';
import { MicProcess } from './process.ts';

describe('MIC as a process', () => {
  let cluster: TestCluster;
  const running: MicProcess[] = [];
  const start = (...args: string[]): MicProcess => {
    const mic = MicProcess.of(cluster, ...args);
    running.push(mic);
    return mic;
  };
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((mic) => mic.stop('SIGKILL')));
    await cluster.close();
  });

  it('killed in the middle of an ARM write and started again, it converges and leaves nothing behind', async () => {
    const set = cluster.addScaleSet('set', 2);
    const identity = cluster.bindIdentity('demo');
    cluster.azure.control.arm.updateMs = 300;
    cluster.addPod('db-0', 'set-0', 'demo');
    const first = start('--leader-election-instance=first');
    await eventually(() => cluster.azure.state.requests.some(({ operation }) => operation === 'arm.update'));
    await first.stop('SIGKILL');
    cluster.addPod('db-1', 'set-1', 'demo');

    const second = start('--leader-election-instance=second');
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 2);
    expect(cluster.assigned(set)).toEqual([identity]);
    cluster.deletePod('db-0');
    cluster.deletePod('db-1');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(set).length === 0);
    expect(await second.stop('SIGTERM')).toBe(0);
  });

  it('killed in an ARM write that nobody needs any more, the next one waits for its end and takes it back', async () => {
    const set = cluster.addScaleSet('set', 1);
    const identity = cluster.bindIdentity('demo');
    cluster.azure.control.arm.updateMs = Infinity;
    cluster.addPod('db-0', 'set-0', 'demo');
    const first = start('--leader-election-instance=first');
    await eventually(() => cluster.azure.state.requests.some(({ operation }) => operation === 'arm.update'));
    await first.stop('SIGKILL');
    cluster.deletePod('db-0');

    start('--leader-election-instance=second');
    await eventually(() => cluster.states().length === 0);
    expect([cluster.assigned(set), cluster.ledgers()]).toEqual([[], 1]);
    cluster.azure.control.endWrites();
    expect(cluster.assigned(set)).toEqual([identity]);
    await eventually(() => cluster.assigned(set).length === 0);
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  it('killed in an ARM write that is still needed, the next one writes nothing into it', async () => {
    const set = cluster.addScaleSet('set', 1);
    const [first, second] = [cluster.bindIdentity('first'), cluster.bindIdentity('second')];
    cluster.azure.control.arm.updateMs = Infinity;
    cluster.addPod('one', 'set-0', 'first');
    const killed = start('--leader-election-instance=first');
    await eventually(() => cluster.azure.state.requests.some(({ operation }) => operation === 'arm.update'));
    await killed.stop('SIGKILL');
    cluster.addPod('two', 'set-0', 'second');

    start('--leader-election-instance=second');
    await eventually(() => cluster.states().length === 2);
    cluster.azure.control.endWrites();
    await eventually(() => cluster.states().filter((state) => state.endsWith('Assigned')).length === 2);
    expect(cluster.assigned(set).sort()).toEqual([first, second].sort());
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
    expect(cluster.armWrites()).toBe(2);
  });

  it('a standby takes over at once when the leader is told to stop, and says so on /healthz', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    // A busy machine loses none of that length, and one that is given back is not waited for.
    const lease = '--leader-election-duration=60s';
    const leader = start('--leader-election-instance=leader', lease);
    await eventually(async () => (await leader.url('healthPort', '/healthz')) === 'Active');
    const standby = start('--leader-election-instance=standby', lease);
    expect(await standby.url('healthPort', '/healthz')).toBe('Not Active');
    expect(await leader.stop('SIGTERM')).toBe(0);
    cluster.addPod('web', 'vm-0', 'demo');
    await eventually(() => cluster.states().includes('web-default-demo Assigned'));
    expect(await standby.url('healthPort', '/healthz')).toBe('Active');
    const metrics = await standby.url('metricsPort', '/metrics');
    expect(metrics).toMatch(/^aadpodidentity_assigned_identity_addition_count 1$/m);
    expect(metrics).toMatch(/^aadpodidentity_mic_new_leader_election_count 1$/m);
    expect(metrics).toMatch(
      /^aadpodidentity_cloud_provider_operations_duration_seconds_count\{operation_type="vm_update"\} 1$/m,
    );
  });

  it('prints its version, and its flags', async () => {
    const [version, help] = [new MicProcess(['--version'], {}), new MicProcess(['--help'], {})];
    expect([await version.exited(), await help.exited()]).toEqual([0, 0]);
    expect(version.lines).toEqual([expect.stringMatching(/^mic \S+ \S+$/)]);
    expect(help.lines.join('\n')).toContain('--immutable-user-msis');
  });

  it.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    ['an unknown flag', ['--nope'], {}, /--nope/],
    ['no namespace', [], {}, /MIC_POD_NAMESPACE/],
    ['no cloud configuration', [], { MIC_POD_NAMESPACE: 'x' }, /TENANT_ID/],
    ['a cloud configuration that is not there', ['--cloudconfig=/nowhere.json'], { MIC_POD_NAMESPACE: 'x' }, /nowhere/],
    ['an unknown cloud', [], { MIC_POD_NAMESPACE: 'x', USE_MSI: 'true', CLOUD: 'Moon' }, /Moon/],
  ])('says in one line what is wrong with %s', async (_case, args, env, line) => {
    const mic = new MicProcess(args, env);
    expect(await mic.exited()).not.toBe(0);
    expect(mic.lines).toEqual([expect.stringMatching(line)]);
  });
});
