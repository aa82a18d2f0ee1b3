import { type FoundRules, ownedChains, removal, repairs, rulesIn, type Step } from './rules.ts';

const TARGET = { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 };
const DNAT =
  '-A aad-metadata ! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 127.0.0.1:2579';
const RETURN = '-A aad-metadata -j RETURN';
const JUMP = '-A PREROUTING -j aad-metadata';
const KUBE = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';

const [filter, nat] = ownedChains(TARGET) as [ReturnType<typeof ownedChains>[0], ReturnType<typeof ownedChains>[0]];
const lines = (rules: readonly Step[]) => rules.map((rule) => rule.join(' '));
const short = (steps: readonly Step[]) => lines(steps).map((step) => step.replace(/ ! -s .*:2579/, ' <dnat>'));
const found = (chain: string[] | undefined, hook: string[]): FoundRules => ({
  chain,
  hooks: new Map([['PREROUTING', hook]]),
});

describe('the wanted rules', () => {
  it.each<[sentence: string, target: Partial<typeof TARGET>, dnat: string]>([
    [
      'send to the listener',
      { listenAddress: '10.0.0.4' },
      '! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.4:2579',
    ],
    [
      'send to 127.0.0.1 where it listens on all addresses',
      { listenAddress: '0.0.0.0' },
      '! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 127.0.0.1:2579',
    ],
    [
      'are of IPv6 where the metadata address is',
      { metadataIp: 'fd00::1', listenAddress: '::' },
      '! -s ::1/128 -d fd00::1/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [::1]:2579',
    ],
  ])('%s', (_, target, dnat) => {
    expect(lines(ownedChains({ ...TARGET, ...target })[1]?.rules ?? [])).toEqual([dnat, '-j RETURN']);
  });

  it('refuse every other way to the metadata address, and all else that comes to NMI’s port of the node, not of others', () => {
    expect(filter.hooks).toEqual(['FORWARD', 'INPUT']);
    expect(lines(filter.rules)).toEqual([
      '-d 169.254.169.254/32 -p tcp -m tcp -j REJECT --reject-with tcp-reset',
      '-d 169.254.169.254/32 -j REJECT --reject-with icmp-port-unreachable',
      '! -i lo -p tcp -m tcp --dport 2579 -m addrtype --dst-type LOCAL -m conntrack ! --ctorigdst 169.254.169.254 -j REJECT --reject-with tcp-reset',
      '-j RETURN',
    ]);
  });

  it('are written from the refusal to the redirection, so that nothing is let through in between', () => {
    expect(ownedChains(TARGET).map(({ table }) => table)).toEqual(['filter', 'nat']);
  });
});

describe('repairs', () => {
  it.each<[sentence: string, chain: string[] | undefined, hook: string[], steps: string[]]>([
    ['nothing where all is right', [DNAT, RETURN], [JUMP, KUBE], []],
    [
      'everything on a new node, in front of what is there',
      undefined,
      [KUBE],
      ['-N aad-metadata', '-I aad-metadata 1 <dnat>', '-I aad-metadata 2 -j RETURN', '-I PREROUTING 1 -j aad-metadata'],
    ],
    ['the rules of a flushed chain', [], [JUMP], ['-I aad-metadata 1 <dnat>', '-I aad-metadata 2 -j RETURN']],
    [
      'another port: the new rules first, then the old ones away from the end',
      [DNAT.replace('2579', '2580'), RETURN],
      [JUMP],
      ['-I aad-metadata 1 <dnat>', '-I aad-metadata 2 -j RETURN', '-D aad-metadata 4', '-D aad-metadata 3'],
    ],
    [
      'a rule in front of ours',
      ['-A aad-metadata -j ACCEPT', DNAT, RETURN],
      [JUMP],
      [
        ...['-I aad-metadata 1 <dnat>', '-I aad-metadata 2 -j RETURN'],
        ...['-D aad-metadata 5', '-D aad-metadata 4', '-D aad-metadata 3'],
      ],
    ],
    [
      'a jump that was pushed from the first place',
      [DNAT, RETURN],
      [KUBE, JUMP],
      ['-I PREROUTING 1 -j aad-metadata', '-D PREROUTING 3'],
    ],
    ['a jump that is there twice', [DNAT, RETURN], [JUMP, KUBE, JUMP], ['-D PREROUTING 3']],
    ['a jump that is gone', [DNAT, RETURN], [KUBE], ['-I PREROUTING 1 -j aad-metadata']],
  ])('%s', (_, chain, hook, steps) => {
    expect(short(repairs(nat, found(chain, hook)))).toEqual(steps);
  });
});

describe('removal', () => {
  it.each<[sentence: string, chain: string[] | undefined, hook: string[], steps: string[]]>([
    ['nothing where nothing is', undefined, [KUBE], []],
    [
      'takes the jump away before the chain, and leaves others alone',
      [DNAT, RETURN],
      [JUMP, KUBE],
      ['-D PREROUTING 1', '-F aad-metadata', '-X aad-metadata'],
    ],
    [
      'takes every jump away',
      [],
      [JUMP, KUBE, JUMP],
      ['-D PREROUTING 3', '-D PREROUTING 1', '-F aad-metadata', '-X aad-metadata'],
    ],
  ])('%s', (_, chain, hook, steps) => {
    expect(lines(removal(nat, found(chain, hook)))).toEqual(steps);
  });
});

describe('rulesIn', () => {
  it('takes the rules of one chain from what iptables prints', () => {
    const printed = `-P PREROUTING ACCEPT\n${JUMP} \n-A  PREROUTING  -j X\n-A PREROUTING2 -j Y\n\n`;
    expect(rulesIn(printed, 'PREROUTING')).toEqual([JUMP, '-A PREROUTING -j X']);
  });
});
