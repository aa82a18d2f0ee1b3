import { ArmLimiter, type ArmLimits } from '../../src/azure/arm-limits.ts';
import { AzureState } from '../../src/azure/state.ts';
import { fakeClock } from '../../src/index.ts';

const path = (subscription: string): string => `/subscriptions/${subscription}/resourceGroups/g`;

describe('the limits of the simulated ARM', () => {
  function start(limits: ArmLimits) {
    const clock = fakeClock();
    const limiter = new ArmLimiter(clock, () => limits);
    const call = async (method: string, subscription = 's') => {
      const { status, headers = {} } = await limiter.limited(method, path(subscription), () => ({ status: 200 }));
      const [remaining] = Object.entries(headers).filter(([name]) => name.startsWith('x-ms-ratelimit'));
      return [status, remaining?.join(' ') ?? headers['retry-after'] ?? 'no header'].join(' ');
    };
    return { clock, call };
  }

  it('count reads and writes of each subscription apart, and say what is left', async () => {
    const { call } = start({ reads: { size: 2, perSecond: 1 }, writes: { size: 1, perSecond: 1 } });
    const reads = 'x-ms-ratelimit-remaining-subscription-reads';
    const writes = 'x-ms-ratelimit-remaining-subscription-writes';
    expect([await call('GET'), await call('GET', 'S'), await call('GET')]).toEqual([
      `200 ${reads} 1`,
      `200 ${reads} 0`,
      '429 1',
    ]);
    expect([await call('PATCH'), await call('PATCH'), await call('GET', 'other')]).toEqual([
      `200 ${writes} 0`,
      '429 1',
      `200 ${reads} 1`,
    ]);
  });

  it('let more through as time passes, and no more than at first', async () => {
    const { clock, call } = start({ reads: { size: 1, perSecond: 0.5 } });
    expect([await call('GET'), await call('GET')]).toEqual([expect.stringContaining('200'), '429 2']);
    await clock.advance(2_000);
    expect(await call('GET')).toContain('200');
    await clock.advance(60_000);
    expect([await call('GET'), await call('GET')]).toEqual([expect.stringContaining('200'), '429 2']);
  });

  it('are none unless they are set', async () => {
    const { call } = start({});
    expect([await call('GET'), await call('PATCH')]).toEqual(['200 no header', '200 no header']);
  });
});

describe('an identity that is recreated', () => {
  it.each(['oldIds', 'noIds'] as const)('stays the old one where it is assigned, shown with %s', (shown) => {
    const state = new AzureState();
    const { id, clientId } = state.addIdentity({ resourceGroup: 'g', name: 'i' });
    const vm = state.addCompute('vm', { resourceGroup: 'g', name: 'vm', userAssigned: [id] });
    const next = state.recreateIdentity(id.toUpperCase(), shown);
    expect(vm.userAssigned.get(id.toLowerCase())?.clientId).toBe(shown === 'oldIds' ? clientId : null);
    expect(next.clientId).not.toBe(clientId);
  });
});
