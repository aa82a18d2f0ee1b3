import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

describe('MIC when something is wrong', () => {
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

  it('a scale set that never answers delays no other', async () => {
    cluster.addScaleSet('slow', 1);
    cluster.addScaleSet('quick', 1);
    cluster.bindIdentity('demo');
    cluster.azure.control.hang('arm', { match: '/slow' });
    cluster.addPod('on-slow', 'slow-0', 'demo');
    mic = startMic(cluster);
    cluster.addPod('on-quick', 'quick-0', 'demo');
    await eventually(() => cluster.states().includes('on-quick-default-demo Assigned'));
    expect(cluster.states()).not.toContain('on-slow-default-demo Assigned');
    await cluster.azure.control.reset();
  });

  it('429 on one scale set: no write there until it says so, the others go on, and the record says why', async () => {
    cluster.addScaleSet('busy', 1);
    cluster.addScaleSet('free', 1);
    cluster.bindIdentity('demo');
    cluster.azure.control.throttle('arm.update', 1, { retryAfter: 2, match: '/busy' });
    cluster.addPod('on-busy', 'busy-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('on-busy-default-demo')?.status === 'False');
    await eventually(() => !['Assigning', undefined].includes(cluster.condition('on-busy-default-demo')?.reason));
    cluster.addPod('on-free', 'free-0', 'demo');
    await eventually(() => cluster.states().includes('on-free-default-demo Assigned'));
    await eventually(cluster.allAssigned(2));
    const writes = cluster.azure.state.requests.filter(
      ({ operation, path }) => operation === 'arm.update' && path.toLowerCase().endsWith('/busy'),
    );
    expect(writes).toHaveLength(2);
    expect((writes[1]?.at ?? 0) - (writes[0]?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it('an identity that is mended is assigned when its time to be tried again has come', async () => {
    const vm = cluster.addVm('vm-0');
    const [good, bad] = [cluster.bindIdentity('good', 'demo'), cluster.bindIdentity('bad', 'demo')];
    cluster.azure.control.breakIdentity(bad);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('web-default-bad')?.reason === 'FailedIdentityOperation');
    expect(cluster.assigned(vm)).toEqual([good]);
    cluster.azure.control.mendIdentity(bad);
    await eventually(cluster.allAssigned(2));
    expect(cluster.condition('web-default-bad')).toMatchObject({ status: 'True', reason: 'Assigned' });
  });

  it.each([
    ['Entra ID gives no token', 'entra'],
    ['ARM cannot be reached', 'arm'],
  ] as const)('while %s the record says so, and then it is Assigned', async (_case, service) => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    await cluster.azure.control.stop(service);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => ![undefined, 'Assigning'].includes(cluster.condition('web-default-demo')?.reason));
    expect(cluster.condition('web-default-demo')?.status).toBe('False');
    await cluster.azure.control.start(service);
    await eventually(cluster.allAssigned(1));
  });

  it.each([
    ['a lost connection', { kind: 'reset' }],
    ['an error of ARM', { kind: 'status', status: 503 }],
    ['an answer that means nothing', { kind: 'garbage', body: '<html>' }],
  ] as const)('a write that goes on is waited for after %s in place of its poll', async (_case, action) => {
    const { control, state } = cluster.azure;
    const set = cluster.addScaleSet('set', 1);
    const [first, second] = [cluster.bindIdentity('first'), cluster.bindIdentity('second')];
    control.arm.updateMs = 3_000;
    control.failNext('arm.poll', action);
    cluster.addPod('one', 'set-0', 'first');
    mic = startMic(cluster);
    await eventually(() => state.requests.some(({ operation }) => operation === 'arm.poll'));
    control.arm.updateMs = 0;
    cluster.addPod('two', 'set-0', 'second');
    await eventually(cluster.allAssigned(2));
    expect(cluster.assigned(set).sort()).toEqual([first, second].sort());
    expect([cluster.armWrites(), state.concurrentWrites]).toEqual([2, []]);
  });

  it('an API server that goes away and comes back ends nothing', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('first', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    await cluster.kube.stop();
    cluster.addPod('second', 'vm-0', 'demo');
    await cluster.kube.start();
    await eventually(cluster.allAssigned(2));
    expect(cluster.armWrites()).toBe(1);
  });

  it.each([
    ['FailedIdentityOperation', 'missing', /was not found\..*$/],
    ['LinkedAuthorizationFailed', 'forbidden', /the linked scope\(s\) are invalid\.$/],
  ] as const)('of %s the record and the Event name the code once, the cause, and no id in full', async (...row) => {
    const [code, breakage, cause] = row;
    cluster.addVm('vm-0');
    cluster.azure.control.breakIdentity(cluster.bindIdentity('demo'), breakage);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('web-default-demo')?.reason === code);
    await eventually(() => cluster.messages().length > 0);
    const { message = '' } = cluster.condition('web-default-demo') ?? {};
    const [told = ''] = cluster.messages();
    expect([message.split(code).length, told.split(code).length]).toEqual([1, 2]);
    for (const text of [message, told]) {
      expect(text).toMatch(cause);
      expect(text.replaceAll(/\/subscriptions\/[0-9a-f-]{36}/gi, '')).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i);
    }
  });

  it('the reason of a write that pauses stays, whatever else happens', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.azure.control.deny(vm);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms']);
    await eventually(() => cluster.condition('web-default-demo')?.reason === 'DenyAssignmentAuthorizationFailed');
    const before = cluster.version('web-default-demo');
    const reads = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get').length;
    const readsBefore = reads();
    cluster.addPod('other', 'vm-0', 'demo');
    await eventually(() => cluster.condition('other-default-demo')?.reason === 'DenyAssignmentAuthorizationFailed');
    await eventually(() => reads() > readsBefore + 3);
    expect([cluster.version('web-default-demo'), cluster.armWrites()]).toEqual([before, 1]);
  });

  it('the reason of a write that is tried again stays until one succeeds', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.azure.control.failNext('arm.update', { kind: 'status', status: 400, code: 'SomethingNew' }, { times: 3 });
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('web-default-demo')?.reason === 'SomethingNew');
    const before = cluster.version('web-default-demo');
    await eventually(() => cluster.armWrites() === 3);
    expect(cluster.version('web-default-demo')).toBe(before);
    await eventually(cluster.allAssigned(1));
  });

  it('the reason of a write goes with what needed it', async () => {
    cluster.addVm('vm-0');
    cluster.bindIdentity('first');
    cluster.bindIdentity('next');
    const { control } = cluster.azure;
    control.failNext('arm.update', { kind: 'status', status: 400, code: 'SomethingNew' }, { times: 99 });
    cluster.addPod('one', 'vm-0', 'first');
    mic = startMic(cluster);
    await eventually(() => cluster.condition('one-default-first')?.reason === 'SomethingNew');
    cluster.deletePod('one');
    await eventually(() => cluster.states().length === 0);
    await control.reset();
    control.arm.updateMs = 60_000;
    cluster.addPod('two', 'vm-0', 'next');
    await eventually(() => cluster.condition('two-default-next') !== undefined);
    expect(cluster.condition('two-default-next')?.reason).toBe('Assigning');
  });
});
