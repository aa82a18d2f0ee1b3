import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { FakeIptables } from '../../test/fake-iptables.ts';
import { iptablesChains } from './iptables.ts';
import { iptablesRedirection } from './keeper.ts';
import { ownedChains } from './rules.ts';

const KUBE = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const FORWARD = '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD';
const TARGET = { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 };
const [REFUSE = [], REDIRECT = []] = ownedChains(TARGET).map(({ rules }) => rules.map((rule) => rule.join(' ')));
const JUMP = '-j aad-metadata';

function setUp({ alwaysDropAtStart = false, written = false } = {}) {
  const iptables = new FakeIptables();
  const { nat, filter } = iptables.tables;
  const jumps = written ? [JUMP] : [];
  nat.set('PREROUTING', [...jumps, KUBE]);
  filter.set('FORWARD', [...jumps, FORWARD]);
  filter.set('INPUT', jumps.slice());
  if (written) nat.set('aad-metadata', [...REDIRECT]);
  if (written) filter.set('aad-metadata', [...REFUSE]);
  const clock = fakeClock();
  const stop = new AbortController();
  const seen = { drops: 0, repairs: 0 };
  const world = { uninstalling: false, obstacle: undefined as string | undefined };
  const chains = iptablesChains(iptables.run, 'iptables-nft');
  const redirection = iptablesRedirection({
    ...{ target: TARGET, intervalMs: 5_000, alwaysDropAtStart, clock, logger: silentLogger },
    chains: () => Promise.resolve(chains),
    allChains: () => Promise.resolve([chains]),
    dropConnections: () => {
      seen.drops++;
      return Promise.resolve();
    },
    isUninstalling: () => world.uninstalling,
    obstacle: () => Promise.resolve(world.obstacle),
    onRepair: () => {
      seen.repairs++;
    },
  });
  const running = redirection.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { iptables, clock, redirection, end, seen, world };
}

function expectWritten(iptables: FakeIptables): void {
  for (const [table, hook] of [
    ['nat', 'PREROUTING'],
    ['filter', 'FORWARD'],
    ['filter', 'INPUT'],
  ] as const) {
    const rules = iptables.rules(table, hook);
    expect([rules[0], rules.filter((rule) => rule === JUMP).length]).toEqual([JUMP, 1]);
  }
  expect(iptables.rules('nat', 'PREROUTING')).toContain(KUBE);
  expect(iptables.rules('filter', 'FORWARD')).toContain(FORWARD);
  expect(iptables.rules('nat', 'aad-metadata')).toEqual(REDIRECT);
  expect(iptables.rules('filter', 'aad-metadata')).toEqual(REFUSE);
}

describe('the redirection', () => {
  it('is put in front of others’ rules, which stay as they are; older connections are dropped', async () => {
    const { iptables, clock, redirection, end, seen } = setUp();
    expect([redirection.inPlace(), redirection.problem()]).toEqual([false, 'redirection rules are not in place']);
    await clock.advance(0);
    expect([redirection.inPlace(), redirection.problem()]).toEqual([true, undefined]);
    expectWritten(iptables);
    expect(seen).toEqual({ drops: 1, repairs: 2 });
    await end();
  });

  it('is only looked at while it is right', async () => {
    const { iptables, clock, end, seen } = setUp();
    await clock.advance(0);
    iptables.calls.length = 0;
    await clock.advance(15_000);
    const looks = ['-S FORWARD', '-S INPUT', '-S aad-metadata', '-S PREROUTING', '-S aad-metadata'];
    expect(iptables.calls.map((args) => args.slice(4).join(' '))).toEqual(
      Array.from({ length: 3 }, () => looks).flat(),
    );
    expect(seen).toEqual({ drops: 1, repairs: 2 });
    await end();
  });

  it.each<[sentence: string, harm: (iptables: FakeIptables) => void]>([
    ['flushed', ({ tables }) => tables.nat.set('aad-metadata', [])],
    ['deleted', ({ tables }) => void tables.nat.delete('aad-metadata')],
    ['pushed from the first place', (iptables) => void iptables.rules('nat', 'PREROUTING').unshift('-j OTHER')],
    ['opened by a rule before it', (iptables) => void iptables.rules('nat', 'aad-metadata').unshift('-j ACCEPT')],
    ['no longer jumped to', (iptables) => void iptables.rules('nat', 'PREROUTING').shift()],
    ['opened to other ports', ({ tables }) => tables.filter.set('aad-metadata', [])],
    ['passed by before it', (iptables) => void iptables.rules('filter', 'FORWARD').unshift('-j ACCEPT')],
  ])('is repaired at the next look when it was %s', async (_, harm) => {
    const { iptables, clock, redirection, end, seen } = setUp();
    await clock.advance(0);
    harm(iptables);
    await clock.advance(5_000);
    expectWritten(iptables);
    expect([redirection.inPlace(), seen]).toEqual([true, { drops: 2, repairs: 3 }]);
    await end();
  });

  it.each<[sentence: string, code: number, stderr: string]>([
    ['somebody holds the lock', 4, 'Another app is currently holding the xtables lock'],
    ['it is not permitted', 3, 'Permission denied (you must be root)'],
    ['it fails otherwise', 2, 'Bad argument'],
  ])('is tried again soon when %s, and is not in place meanwhile', async (_, code, stderr) => {
    const { iptables, clock, redirection, end } = setUp();
    iptables.failNext({ code, stdout: '', stderr }, { code, stdout: '', stderr });
    await clock.advance(0);
    expect([redirection.inPlace(), redirection.problem()]).toEqual([false, 'redirection rules are not in place']);
    await clock.advance(5_000);
    expect(redirection.inPlace()).toBe(true);
    await end();
  });

  const HOLD =
    '! -i lo -p tcp -m tcp --dport 2579 --tcp-flags FIN,SYN,RST,ACK SYN -m addrtype --dst-type LOCAL -j DROP';

  it('holds new connections in front of everything while a listener closes, and no longer', async () => {
    const { iptables, clock, redirection, end } = setUp();
    await clock.advance(0);
    const release = await redirection.hold();
    expect(iptables.rules('filter', 'aad-metadata')).toEqual([HOLD, ...REFUSE]);
    await release();
    expectWritten(iptables);
    await end();
  });

  it('is right while another NMI holds; what one that was killed holds is let go at the second look', async () => {
    const { iptables, clock, redirection, end, seen } = setUp();
    await clock.advance(0);
    iptables.rules('filter', 'aad-metadata').unshift(HOLD);
    await clock.advance(5_000);
    expect(iptables.rules('filter', 'aad-metadata')).toEqual([HOLD, ...REFUSE]);
    expect(redirection.inPlace()).toBe(true);
    await clock.advance(5_000);
    expectWritten(iptables);
    expect([redirection.inPlace(), seen]).toEqual([true, { drops: 1, repairs: 2 }]);
    await end();
  });

  it('that is wrong besides is repaired at once', async () => {
    const { iptables, clock, end, seen } = setUp();
    await clock.advance(0);
    iptables.rules('filter', 'aad-metadata').unshift('-j ACCEPT', HOLD);
    await clock.advance(5_000);
    expectWritten(iptables);
    expect(seen).toEqual({ drops: 2, repairs: 3 });
    await end();
  });

  it('stays when NMI stops', async () => {
    const { iptables, clock, end } = setUp();
    await clock.advance(0);
    await end();
    expectWritten(iptables);
  });

  it('goes while NMI is being uninstalled, and comes back if it is not after all', async () => {
    const { iptables, clock, redirection, end, world } = setUp();
    await clock.advance(0);
    world.uninstalling = true;
    await clock.advance(5_000);
    expect(redirection.problem()).toBe('redirection rules are taken away: NMI is being uninstalled');
    expect(iptables.rules('nat', 'PREROUTING')).toEqual([KUBE]);
    expect(iptables.rules('filter', 'FORWARD')).toEqual([FORWARD]);
    expect([iptables.tables.nat.has('aad-metadata'), iptables.tables.filter.has('aad-metadata')]).toEqual([
      false,
      false,
    ]);
    world.uninstalling = false;
    await clock.advance(5_000);
    expectWritten(iptables);
    await end();
  });

  it('tells what keeps redirected connections from arriving, though the rules are right', async () => {
    const { clock, redirection, end, world } = setUp();
    world.obstacle = 'the way is closed';
    await clock.advance(0);
    expect([redirection.inPlace(), redirection.problem()]).toEqual([true, 'the way is closed']);
    world.obstacle = undefined;
    await clock.advance(5_000);
    expect(redirection.problem()).toBeUndefined();
    await end();
  });

  it('that was there already leaves connections alone, unless told to drop them at every start', async () => {
    for (const alwaysDropAtStart of [false, true]) {
      const { clock, end, seen } = setUp({ alwaysDropAtStart, written: true });
      await clock.advance(10_000);
      expect(seen).toEqual({ drops: alwaysDropAtStart ? 1 : 0, repairs: 0 });
      await end();
    }
  });
});
