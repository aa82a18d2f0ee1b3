import { type FakeClock, fakeClock } from '@aad-pod-identity/testing';
import { type ArmBudget, createBudget, takeWriteTurn } from '../src/budget.ts';
import { remainingIn } from '../src/remaining.ts';
import { type ArmRequest, requestOf, subscriptionOf } from '../src/requests.ts';

const SUBSCRIPTION = '/subscriptions/S/resourceGroups/g/providers/';

describe('a request is', () => {
  it.each<[ArmRequest, string, string]>([
    ['write', 'PATCH', `${SUBSCRIPTION}Microsoft.Compute/virtualMachines/a`],
    ['read', 'GET', `${SUBSCRIPTION}Microsoft.Compute/virtualMachines/a`],
    ['read', 'GET', `${SUBSCRIPTION}microsoft.compute/VIRTUALMACHINESCALESETS/a`],
    ['lookup', 'GET', `${SUBSCRIPTION}Microsoft.ManagedIdentity/userAssignedIdentities/a`],
    ['poll', 'GET', '/subscriptions/S/providers/Microsoft.Compute/locations/westeurope/operations/1'],
    ['poll', 'GET', '/elsewhere/1'],
  ])('a %s: %s %s', (expected, method, path) => {
    expect(requestOf(method, path)).toBe(expected);
  });

  it.each([
    [`${SUBSCRIPTION}x`, 's'],
    ['/SUBSCRIPTIONS/Abc/x', 'abc'],
    ['/elsewhere/1', undefined],
  ])('of the subscription that %s names, in any case', (path, expected) => {
    expect(subscriptionOf(path)).toBe(expected);
  });
});

describe('what ARM says is left', () => {
  it.each<[sentence: string, request: ArmRequest, headers: Record<string, string>, left: number | undefined]>([
    ['is nothing where no header says it', 'read', {}, undefined],
    ['is that of reads for a read', 'read', { 'subscription-reads': '17', 'subscription-writes': '3' }, 17],
    ['is that of reads for a poll', 'poll', { 'subscription-reads': '17', 'subscription-writes': '3' }, 17],
    ['is that of writes for a write', 'write', { 'subscription-reads': '17', 'subscription-writes': '3' }, 3],
    ['is the least of all', 'read', { 'subscription-reads': '17', 'subscription-global-reads': '5' }, 5],
    [
      'is the least of the provider’s policies',
      'write',
      { resource: 'Microsoft.Compute/PutVM3Min;239,Microsoft.Compute/PutVM30Min;12' },
      12,
    ],
    [
      'is not what a policy says of one resource',
      'write',
      { resource: 'Microsoft.Compute/UpdateVMResource;1,Microsoft.Compute/UpdateVMSubscription;80' },
      80,
    ],
    [
      'is nothing where the header makes no sense',
      'write',
      { 'subscription-writes': '-1', resource: 'x;y;,;' },
      undefined,
    ],
  ])('%s', (_sentence, request, headers, left) => {
    expect(remainingIn((header) => headers[header.replace('x-ms-ratelimit-remaining-', '')], request)).toBe(left);
  });
});

/** Takes as many as go at once; gives their number. */
async function burst(budget: ArmBudget, request: ArmRequest, subscription = 's') {
  const controller = new AbortController();
  let count = 0;
  const takers = Array.from({ length: 300 }, () =>
    budget.take(subscription, request, controller.signal).then(
      () => count++,
      () => undefined,
    ),
  );
  await fakeClock().advance(0);
  controller.abort(new Error('enough'));
  await Promise.all(takers);
  return count;
}

/** Takes three; gives the milliseconds after which each may go. */
async function waits(clock: FakeClock, budget: ArmBudget, request: ArmRequest): Promise<number[]> {
  const from = clock.monotonic();
  const takers = [1, 2, 3].map(() => budget.take('s', request).then(() => clock.monotonic() - from));
  await clock.advance(10_000);
  return Promise.all(takers);
}

describe('the budget of a subscription', () => {
  it('has reads and writes apart, and is that of one subscription, in whatever case it is written', async () => {
    const budget = createBudget(fakeClock());
    expect([await burst(budget, 'write'), await burst(budget, 'read')]).toEqual([160, 200]);
    expect([await burst(budget, 'read', 'S'), await burst(budget, 'read', 'other')]).toEqual([0, 200]);
  });

  it('goes on at four fifths of the pace that ARM allows', async () => {
    const clock = fakeClock();
    const budget = createBudget(clock);
    await burst(budget, 'read');
    expect(await waits(clock, budget, 'read')).toEqual([50, 100, 150]);
    await burst(budget, 'write');
    expect(await waits(clock, budget, 'write')).toEqual([125, 250, 375]);
  });

  it('leaves a part for reads that polls do not get, and one for both that look-ups do not get', async () => {
    const budget = createBudget(fakeClock());
    expect(await burst(budget, 'lookup')).toBe(100);
    expect(await burst(budget, 'poll')).toBe(50);
    expect(await burst(budget, 'read')).toBe(50);
  });

  it('serves reads before polls, and polls before look-ups, whoever came first', async () => {
    const clock = fakeClock();
    const budget = createBudget(clock);
    await burst(budget, 'read');
    const order: ArmRequest[] = [];
    for (const request of ['lookup', 'poll', 'read'] as const)
      void budget.take('s', request).then(() => order.push(request));
    await clock.advance(20_000);
    expect(order).toEqual(['read', 'poll', 'lookup']);
  });

  it('lets nobody wait for ever', async () => {
    const clock = fakeClock();
    const budget = createBudget(clock);
    await burst(budget, 'read');
    let polled = false;
    void budget.take('s', 'poll').then(() => {
      polled = true;
    });
    for (let second = 0; second < 40; second++) {
      for (let at = 0; at < 21; at++) void budget.take('s', 'read');
      await clock.advance(1000);
    }
    expect(polled).toBe(true);
  });

  it('slows down before nothing is left, as ARM says it', async () => {
    const clock = fakeClock();
    const budget = createBudget(clock);
    budget.learn('s', 'read', 220);
    expect(await burst(budget, 'read')).toBe(200);
    await clock.advance(60_000);
    budget.learn('s', 'poll', 80);
    expect([await burst(budget, 'poll'), await burst(budget, 'read')]).toEqual([10, 50]);
    await clock.advance(60_000);
    budget.learn('s', 'read', 0);
    expect(await waits(clock, budget, 'read')).toEqual([1050, 1100, 1150]);
    budget.learn('s', 'write', 16);
    expect(await burst(budget, 'write')).toBe(0);
  });

  it.each<[ArmRequest, ArmRequest[], ArmRequest[]]>([
    ['read', [], ['read', 'poll', 'lookup']],
    ['lookup', ['read', 'poll'], ['lookup']],
    ['write', [], ['write']],
  ])('closed for a %s for ten seconds it still serves %j, and %j after that', async (closed, at0, at10) => {
    const clock = fakeClock();
    const budget = createBudget(clock);
    budget.close('s', closed, 10_000);
    const served = new Map<ArmRequest, number>();
    for (const request of [...at0, ...at10]) {
      void budget.take('s', request).then(() => served.set(request, clock.monotonic()));
    }
    await clock.advance(9_999);
    expect([...served.keys()].sort()).toEqual([...at0].sort());
    await clock.advance(1);
    expect(at10.map((request) => served.get(request))).toEqual(at10.map(() => 10_000));
  });

  it('gives a turn back once, and only one that was not spent', async () => {
    const budget = createBudget(fakeClock());
    const turn = await takeWriteTurn(budget, 's', undefined);
    expect(await burst(budget, 'write')).toBe(159);
    turn.giveBack();
    turn.giveBack();
    expect([await burst(budget, 'write'), turn.spend()]).toEqual([1, false]);
    const next = fakeClock();
    const other = createBudget(next);
    const spent = await takeWriteTurn(other, 's', undefined);
    expect([spent.spend(), spent.spend()]).toEqual([true, false]);
    spent.giveBack();
    expect(await burst(other, 'write')).toBe(159);
  });

  it('is left at once by who does not want to wait any more, and by who comes too late', async () => {
    const budget = createBudget(fakeClock());
    await burst(budget, 'write');
    const controller = new AbortController();
    const waiting = budget.take('s', 'write', controller.signal);
    const reason = new Error('leadership lost');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(budget.take('s', 'read', controller.signal)).rejects.toBe(reason);
  });
});
