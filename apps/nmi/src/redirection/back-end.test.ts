import { detectBackEnd, programOf } from './back-end.ts';
import type { IptablesRunner } from './iptables.ts';

const HINT = ':KUBE-IPTABLES-HINT - [0:0]\n';
const CANARY = ':KUBE-KUBELET-CANARY - [0:0]\n';

/** What each program prints of its mangle table; one that is not named cannot be run. */
function detect(saved: Readonly<Record<string, string>>, legacyTables = 'mangle\nnat\n', family: 4 | 6 = 4) {
  const asked: string[] = [];
  const run: IptablesRunner = (program) => {
    asked.push(program);
    const stdout = saved[program];
    return stdout === undefined
      ? Promise.reject(new Error('missing'))
      : Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  const found = detectBackEnd({ run, family, legacyTables: () => Promise.resolve(legacyTables) });
  return { found, asked };
}

describe('the back-end of iptables', () => {
  it.each<[sentence: string, saved: Record<string, string>, found: string | undefined]>([
    ['is nft where the kubelet left its hint there', { 'iptables-nft-save': HINT, 'iptables-legacy-save': '' }, 'nft'],
    ['is legacy where the hint is there', { 'iptables-nft-save': '', 'iptables-legacy-save': CANARY }, 'legacy'],
    [
      'is nft where both have it, as after a change',
      { 'iptables-nft-save': HINT, 'iptables-legacy-save': HINT },
      'nft',
    ],
    [
      'is left to the machine where nobody left a hint',
      { 'iptables-nft-save': '', 'iptables-legacy-save': '' },
      undefined,
    ],
    ['is legacy where there is no other program', { 'iptables-legacy-save': HINT }, 'legacy'],
    ['is not taken from others’ chains', { 'iptables-nft-save': ':MY-KUBE-IPTABLES-HINT2 - [0:0]\n' }, undefined],
  ])('%s', async (_, saved, found) => {
    expect(await detect(saved).found).toBe(found);
  });

  it('legacy is not looked at where it is not loaded: the look would load it', async () => {
    const { found, asked } = detect({ 'iptables-nft-save': '', 'iptables-legacy-save': HINT }, '');
    expect([await found, asked]).toEqual([undefined, ['iptables-nft-save']]);
  });

  it.each([
    ['nft', 4, 'iptables-nft'],
    ['legacy', 6, 'ip6tables-legacy'],
    [undefined, 4, 'iptables'],
  ] as const)('%s of IPv%i is %s', (backEnd, family, program) => {
    expect(programOf(backEnd, family)).toBe(program);
  });
});
