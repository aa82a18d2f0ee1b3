import { repairs, rulesIn, type Step, wantedRules } from './rules.ts';

const TARGET = { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 };
const DNAT =
  '-A aad-metadata ! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 127.0.0.1:2579';
const RETURN = '-A aad-metadata -j RETURN';
const JUMP = '-A PREROUTING -j aad-metadata';
const KUBE = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';

const short = (steps: readonly Step[]) => steps.map((step) => step.join(' ').replace(/ ! -s .*:2579/, ' <dnat>'));

describe('wantedRules', () => {
  it.each<[sentence: string, listenAddress: string, to: string]>([
    ['send to the listener', '10.0.0.4', '10.0.0.4:2579'],
    ['send to 127.0.0.1 where it listens on all addresses', '0.0.0.0', '127.0.0.1:2579'],
  ])('%s', (_, listenAddress, to) => {
    expect(wantedRules({ ...TARGET, listenAddress }).map((rule) => rule.join(' '))).toEqual([
      `! -s 127.0.0.1/32 -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${to}`,
      '-j RETURN',
    ]);
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
    expect(short(repairs(TARGET, { chain, hook }))).toEqual(steps);
  });
});

describe('rulesIn', () => {
  it('takes the rules of one chain from what iptables prints', () => {
    const printed = `-P PREROUTING ACCEPT\n${JUMP} \n-A  PREROUTING  -j X\n-A PREROUTING2 -j Y\n\n`;
    expect(rulesIn(printed, 'PREROUTING')).toEqual([JUMP, '-A PREROUTING -j X']);
  });
});
