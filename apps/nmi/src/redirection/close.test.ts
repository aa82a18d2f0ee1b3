import { silentLogger } from '@aad-pod-identity/telemetry';
import { FakeIptables } from '../../test/fake-iptables.ts';
import { closeMetadata } from './close.ts';
import { iptablesChains } from './iptables.ts';
import { ownedChains } from './rules.ts';

const TARGET = { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 };
const [REFUSE = []] = ownedChains(TARGET).map(({ rules }) => rules.map((rule) => rule.join(' ')));
const OLD = ['-p tcp ! -s 127.0.0.1/32 -d 169.254.169.254/32 --dport 80 -j DNAT --to 127.0.0.1:2579', '-j RETURN'];
const OTHERS = '-j KUBE-FORWARD';

function aNode(): FakeIptables {
  const iptables = new FakeIptables();
  const { nat, filter } = iptables.tables;
  nat.set('PREROUTING', ['-j aad-metadata']);
  nat.set('aad-metadata', [...OLD]);
  filter.set('FORWARD', [OTHERS]);
  filter.set('INPUT', []);
  return iptables;
}

const close = (iptables: FakeIptables): Promise<void> =>
  closeMetadata(TARGET, iptablesChains(iptables.run, 'iptables-nft'), silentLogger);

describe('closing a node on which an NMI of 1.8.17 runs', () => {
  it('refuses what is not redirected, before anything else is asked', async () => {
    const iptables = aNode();
    await close(iptables);
    expect(iptables.rules('filter', 'FORWARD')).toEqual(['-j aad-metadata', OTHERS]);
    expect(iptables.rules('filter', 'INPUT')).toEqual(['-j aad-metadata']);
    expect(iptables.rules('filter', 'aad-metadata')).toEqual(REFUSE);
  });

  it('leaves its redirection as it is', async () => {
    const iptables = aNode();
    await close(iptables);
    expect(iptables.rules('nat', 'aad-metadata')).toEqual(OLD);
    expect(iptables.rules('nat', 'PREROUTING')).toEqual(['-j aad-metadata']);
  });

  it('does it once', async () => {
    const iptables = aNode();
    await close(iptables);
    const once = structuredClone(iptables.tables);
    await close(iptables);
    expect(iptables.tables).toEqual(once);
  });

  it('says so if iptables fails, instead of ending as if it had', async () => {
    const iptables = aNode();
    iptables.tables.filter.delete('FORWARD');
    await expect(close(iptables)).rejects.toThrow();
  });
});
