import { iptablesChains } from './iptables.ts';
import { ownedChains } from './rules.ts';

const TARGET = { metadataIp: '169.254.169.254', metadataPort: 80, listenAddress: '127.0.0.1', port: 2579 };
const WARNING = '# Warning: iptables-legacy tables present, use iptables-legacy to see them\n';

it.each<[sentence: string, code: number, stderr: string, reason: string, said: RegExp]>([
  [
    'another program that holds the lock',
    4,
    'Another app is currently holding the xtables lock.\n',
    'busy',
    /: Another/,
  ],
  [
    'a missing right',
    4,
    `${WARNING}iptables: Permission denied (you must be root)\n`,
    'notPermitted',
    /: iptables: Perm/,
  ],
  ['a missing right, told by the code', 3, 'getsockopt failed\n', 'notPermitted', /: getsockopt/],
  ['nothing that it says', 2, '', 'failed', /exit code 2: $/],
])('tells of %s', async (_, code, stderr, reason, said) => {
  const [chain] = ownedChains(TARGET);
  if (chain === undefined) throw new Error('there is no chain');
  const chains = iptablesChains(() => Promise.resolve({ code, stdout: '', stderr }), 'iptables-nft');
  await expect(chains.read(chain)).rejects.toMatchObject({
    code: reason,
    message: expect.stringMatching(said) as string,
  });
});
