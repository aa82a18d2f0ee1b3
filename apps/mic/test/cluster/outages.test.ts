import type { OperationName } from '@aad-pod-identity/testing/azure';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';
import { SkippingClock } from './skipping-clock.ts';

const MINUTE = 60_000;
/** What MIC waits with for nothing else it finds within a drift interval. */
const DRIFT_MS = 3 * MINUTE;
/** Time is skipped, and the lease is not what is tested here. */
const LEASE = '--leader-election-duration=100h';

describe('over minutes and hours, MIC', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  let clock: SkippingClock;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    clock = new SkippingClock();
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const start = (...args: string[]) => startMic(cluster, [LEASE, ...args], clock);
  const requests = (operation: OperationName, name = '') =>
    cluster.azure.state.requests.filter(
      (each) => each.operation === operation && each.path.toLowerCase().endsWith(name.toLowerCase()),
    );

  it('waits out ten minutes of 5xx with few requests, keeps what was Assigned, and then assigns the rest', async () => {
    const [old, next] = [cluster.addVm('old'), cluster.addVm('next')];
    const first = cluster.bindIdentity('first');
    const second = cluster.bindIdentity('second');
    cluster.addPod('before', 'old', 'first');
    mic = start();
    await eventually(cluster.allAssigned(1));
    cluster.azure.control.failNext('arm', { kind: 'status', status: 503 }, { times: Infinity });
    cluster.addPod('meanwhile', 'old', 'second');
    cluster.addPod('elsewhere', 'next', 'second');
    const from = cluster.azure.state.requests.length;
    await clock.pass(10 * MINUTE);
    const reason = () => cluster.condition('elsewhere-default-second')?.reason;
    await clock.passUntil(() => reason() === 'InternalServerError', DRIFT_MS);
    expect(cluster.states()).toEqual([
      'before-default-first Assigned',
      'elsewhere-default-second Created',
      'meanwhile-default-second Created',
    ]);
    const asked = cluster.azure.state.requests.slice(from).filter(({ service }) => service === 'arm');
    // Two resources and two identities, each ever more rarely.
    expect(asked.length).toBeLessThan(80);
    await cluster.azure.control.reset();
    await clock.passUntil(cluster.allAssigned(3), 2 * DRIFT_MS);
    expect([cluster.assigned(old), cluster.assigned(next)]).toEqual([[first, second].sort(), [second]]);
  });

  it('tries identities that Azure refuses ever more rarely, each for itself, and the good ones are not written again', async () => {
    const vm = cluster.addVm('vm-0');
    const ids = Array.from({ length: 20 }, (_, at) => cluster.bindIdentity(`id-${at}`, 'demo'));
    for (const id of ids.slice(0, 3)) cluster.azure.control.breakIdentity(id, 'forbidden');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = start();
    await eventually(cluster.allAssigned(17));
    await clock.pass(MINUTE);
    // One with all, one without the three; then the three alone after 10, 20 and 40 s more.
    expect(requests('arm.update').length).toBeLessThanOrEqual(5);
    await clock.pass(20 * MINUTE, 5_000);
    expect(requests('arm.update').length).toBeLessThanOrEqual(10);
    expect(cluster.assigned(vm)).toEqual(ids.slice(3).sort());
    cluster.azure.control.mendIdentity(ids[0] ?? '');
    await clock.passUntil(cluster.allAssigned(18), 11 * MINUTE);
  });

  it('leaves a VM whose node is gone alone for an hour, and cleans it then if it lives on', async () => {
    const vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = start();
    await eventually(cluster.allAssigned(1));
    cluster.kube.state.delete('v1', 'Node', undefined, 'vm-0');
    await eventually(() => cluster.states().length === 0);
    const reads = requests('arm.get').length;
    await clock.pass(59 * MINUTE, MINUTE);
    expect([cluster.assigned(vm).length, requests('arm.get').length]).toEqual([1, reads]);
    await clock.passUntil(() => cluster.assigned(vm).length === 0 && cluster.ledgers() === 0, 10 * MINUTE);
  });

  it('asks a scale set that hangs ever more rarely, and goes on when it answers again', async () => {
    const set = cluster.addScaleSet('set', 1);
    const armId = cluster.bindIdentity('demo');
    cluster.azure.control.hang('arm.get', { match: '/set' });
    cluster.addPod('web', 'set-0', 'demo');
    mic = start();
    await clock.pass(10 * MINUTE);
    await clock.passUntil(() => cluster.condition('web-default-demo')?.reason === 'Timeout', DRIFT_MS);
    expect(requests('arm.get', '/set').length).toBeLessThan(12);
    await cluster.azure.control.reset();
    await clock.passUntil(cluster.allAssigned(1), 2 * DRIFT_MS);
    expect(cluster.assigned(set)).toEqual([armId]);
  });

  it('in an hour without change writes nothing, and reads each VM, scale set and identity once in three minutes', async () => {
    cluster.addVm('vm-0');
    cluster.addScaleSet('set', 2);
    cluster.bindIdentity('red', 'demo');
    cluster.bindIdentity('blue', 'demo');
    for (const name of ['vm-0', 'set-0', 'set-1']) cluster.addPod(`on-${name}`, name, 'demo');
    mic = start();
    await eventually(cluster.allAssigned(6));
    await clock.pass(MINUTE, 10_000);
    const [from, writes] = [cluster.azure.state.requests.length, cluster.kube.requests.length];
    await clock.pass(60 * MINUTE, 10_000);
    const asked = cluster.azure.state.requests.slice(from).filter(({ service }) => service === 'arm');
    expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(['arm.get', 'arm.lookup']));
    for (const name of ['/vm-0', '/set', '/red', '/blue']) {
      const count = asked.filter(({ path }) => path.toLowerCase().endsWith(name)).length;
      expect([name, count >= 15 && count <= 20]).toEqual([name, true]);
    }
    const written = cluster.kube.requests
      .slice(writes)
      .filter(({ method, path }) => method !== 'GET' && !path.includes('lease') && !path.includes('endpoints'));
    expect(written).toEqual([]);
  });
});
