import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { FakeIptables } from '../../test/fake-iptables.ts';
import { iptablesRedirection } from './keeper.ts';

const KUBE = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const WANTED = [
  '! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 127.0.0.1:2579',
  '-j RETURN',
];

function setUp({ alwaysDropAtStart = false, written = false } = {}) {
  const iptables = new FakeIptables();
  iptables.rules('PREROUTING').push(...(written ? ['-j aad-metadata'] : []), KUBE);
  if (written) iptables.chains.set('aad-metadata', [...WANTED]);
  const clock = fakeClock();
  const stop = new AbortController();
  const seen = { drops: 0, repairs: 0 };
  const redirection = iptablesRedirection({
    target: { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 },
    intervalMs: 60_000,
    runIptables: iptables.run,
    dropConnections: () => {
      seen.drops++;
      return Promise.resolve();
    },
    alwaysDropAtStart,
    clock,
    logger: silentLogger,
    onRepair: () => {
      seen.repairs++;
    },
  });
  const running = redirection.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { iptables, clock, redirection, end, seen };
}

describe('the redirection', () => {
  it('is put in front of others’ rules, which stay as they are; older connections are dropped', async () => {
    const { iptables, clock, redirection, end, seen } = setUp();
    expect(redirection.inPlace()).toBe(false);
    await clock.advance(0);
    expect(redirection.inPlace()).toBe(true);
    expect(iptables.rules('PREROUTING')).toEqual(['-j aad-metadata', KUBE]);
    expect(iptables.rules('aad-metadata')).toEqual(WANTED);
    expect(seen).toEqual({ drops: 1, repairs: 1 });
    await end();
  });

  it('is only looked at while it is right', async () => {
    const { iptables, clock, end, seen } = setUp();
    await clock.advance(0);
    iptables.calls.length = 0;
    await clock.advance(180_000);
    expect(iptables.calls.map((args) => args.slice(4).join(' '))).toEqual(
      Array.from({ length: 3 }, () => ['-S PREROUTING', '-S aad-metadata']).flat(),
    );
    expect(seen).toEqual({ drops: 1, repairs: 1 });
    await end();
  });

  it.each<[sentence: string, harm: (iptables: FakeIptables) => void]>([
    ['flushed', (iptables) => iptables.chains.set('aad-metadata', [])],
    ['deleted', (iptables) => void iptables.chains.delete('aad-metadata')],
    ['pushed from the first place', (iptables) => void iptables.rules('PREROUTING').unshift('-j OTHER')],
    ['opened by a rule before it', (iptables) => void iptables.rules('aad-metadata').unshift('-j ACCEPT')],
    ['no longer jumped to', (iptables) => void iptables.rules('PREROUTING').shift()],
  ])('is repaired at the next look when it was %s', async (_, harm) => {
    const { iptables, clock, redirection, end, seen } = setUp();
    await clock.advance(0);
    harm(iptables);
    await clock.advance(60_000);
    expect(iptables.rules('PREROUTING')[0]).toBe('-j aad-metadata');
    expect(iptables.rules('PREROUTING').filter((rule) => rule === '-j aad-metadata')).toHaveLength(1);
    expect(iptables.rules('PREROUTING')).toContain(KUBE);
    expect(iptables.rules('aad-metadata')).toEqual(WANTED);
    expect([redirection.inPlace(), seen]).toEqual([true, { drops: 2, repairs: 2 }]);
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
    expect(redirection.inPlace()).toBe(false);
    await clock.advance(5_000);
    expect(redirection.inPlace()).toBe(true);
    await end();
  });

  it('stays when NMI stops', async () => {
    const { iptables, clock, end } = setUp();
    await clock.advance(0);
    await end();
    expect(iptables.rules('PREROUTING')).toEqual(['-j aad-metadata', KUBE]);
    expect(iptables.rules('aad-metadata')).toEqual(WANTED);
  });

  it('that was there already leaves connections alone, unless told to drop them at every start', async () => {
    for (const alwaysDropAtStart of [false, true]) {
      const { clock, end, seen } = setUp({ alwaysDropAtStart, written: true });
      await clock.advance(120_000);
      expect(seen).toEqual({ drops: alwaysDropAtStart ? 1 : 0, repairs: 0 });
      await end();
    }
  });
});
