import { systemClock } from '@aad-pod-identity/runtime';
import { type Bench, newIdentity, newScaleSet, newVm, startBench } from './azure.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const requests = (operation: string) => bench.azure.state.requests.filter((each) => each.operation === operation);
const refused = () => bench.azure.state.requests.filter(({ status }) => status === 429);

describe('within what ARM takes of a subscription', () => {
  it('reads go slower before nothing is left, so that none is refused', async () => {
    bench.azure.control.arm.limits = { reads: { size: 30, perSecond: 40 } };
    const target = newVm(bench.azure);
    for (let at = 0; at < 40; at++) await bench.arm.getIdentities(target);
    expect([requests('arm.get').length, refused().length]).toEqual([40, 0]);
  });

  it('polls go slower too, and the write is followed to its end', async () => {
    Object.assign(bench.azure.control.arm, { updateMs: 1500, limits: { reads: { size: 60, perSecond: 20 } } });
    const target = newScaleSet(bench.azure);
    const current = await bench.arm.getIdentities(target);
    const { id } = newIdentity(bench.azure);
    const after = await bench.arm.updateIdentities(target, { add: [id], remove: [], current });
    expect([[...after.userAssigned.keys()], refused()]).toEqual([[id.toLowerCase()], []]);
  });

  it('reads do not wait for writes, nor one subscription for another', async () => {
    bench.azure.control.arm.headers = { 'x-ms-ratelimit-remaining-subscription-writes': '0' };
    const target = newVm(bench.azure);
    const current = await bench.arm.getIdentities(target);
    await bench.arm.updateIdentities(target, { add: [newIdentity(bench.azure).id], remove: [], current });
    bench.azure.control.arm.headers = {};
    const order: string[] = [];
    const waiting = bench.arm.writeTurn(target).then(() => order.push('write'));
    await bench.arm.getIdentities(target).then(() => order.push('read'));
    await bench.arm.writeTurn({ ...target, subscriptionId: 'another' }).then(() => order.push('write of another'));
    await waiting;
    expect(order).toEqual(['read', 'write of another', 'write']);
  });
});

describe('a poll', () => {
  it('comes when the answer before it asks for it, the first one too', async () => {
    Object.assign(bench.azure.control.arm, { updateMs: 1100, pollRetryAfter: 1 });
    const target = newScaleSet(bench.azure);
    const current = await bench.arm.getIdentities(target);
    await bench.arm.updateIdentities(target, { add: [newIdentity(bench.azure).id], remove: [], current });
    const [written] = requests('arm.update');
    const times = [written?.at ?? 0, ...requests('arm.poll').map(({ at }) => at)];
    expect(times).toHaveLength(3);
    for (const [at, time] of times.slice(1).entries()) expect(time - (times[at] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it.each([undefined, 0])(
    'comes ever more rarely where ARM asks for nothing (Retry-After %s)',
    async (pollRetryAfter) => {
      const waited: number[] = [];
      const pollIntervalMs = (elapsedMs: number): number => {
        waited.push(elapsedMs);
        return 20 * waited.length;
      };
      Object.assign(bench.azure.control.arm, { updateMs: 300, pollRetryAfter });
      const target = newScaleSet(bench.azure);
      const current = await bench.arm.getIdentities(target);
      const startedAt = systemClock.monotonic();
      const client = bench.client({ timeouts: { pollIntervalMs } });
      await client.updateIdentities(target, { add: [newIdentity(bench.azure).id], remove: [], current });
      expect(requests('arm.poll')).toHaveLength(waited.length);
      expect([...waited].sort((a, b) => a - b)).toEqual(waited);
      expect(waited.at(-1)).toBeLessThan(systemClock.monotonic() - startedAt);
    },
  );

  it('waits while ARM wants no read in the subscription, and then finds the end of its write', async () => {
    bench.azure.control.arm.updateMs = 200;
    const [target, other] = [newScaleSet(bench.azure), newVm(bench.azure)];
    const current = await bench.arm.getIdentities(target);
    const code = 'SubscriptionRequestsThrottled';
    bench.azure.control.throttle('arm.get', 1, { retryAfter: 1, code, match: other.name });
    await expect(bench.arm.getIdentities(other)).rejects.toMatchObject({ scope: 'subscription' });
    await bench.arm.updateIdentities(target, { add: [newIdentity(bench.azure).id], remove: [], current });
    const refusedAt = refused()[0]?.at ?? 0;
    const [first] = requests('arm.poll');
    expect((first?.at ?? 0) - refusedAt).toBeGreaterThanOrEqual(990);
  });

  it('that is refused says that it was a poll, and a write that it was a write', async () => {
    const target = newScaleSet(bench.azure);
    const current = await bench.arm.getIdentities(target);
    const change = { add: [newIdentity(bench.azure).id], remove: [], current };
    bench.azure.control.throttle('arm.update', 1);
    await expect(bench.arm.updateIdentities(target, change)).rejects.toMatchObject({ request: 'write' });
    bench.azure.control.arm.updateMs = 50;
    bench.azure.control.throttle('arm.poll', 1);
    await expect(bench.arm.updateIdentities(target, change)).rejects.toMatchObject({ request: 'poll' });
  });
});
