import { silentLogger } from '@aad-pod-identity/telemetry';
import { type ConntrackRunner, dropConnections } from './conntrack.ts';
import type { RedirectionTarget } from './rules.ts';

const TARGET: RedirectionTarget = {
  ...{ metadataIp: '169.254.169.254', metadataPort: 80 },
  ...{ listenAddress: '0.0.0.0', port: 2579 },
};
const ALL = '-f ipv4 -p tcp --orig-dst 169.254.169.254 --orig-port-dst 80';

const connection = (from: number, answering: string, state = 'ESTABLISHED', flags = '[ASSURED] '): string => {
  const [address, port] = answering.split(' ');
  const asked = `src=10.244.0.4 dst=169.254.169.254 sport=${from} dport=80`;
  return `tcp      6 101 ${state} ${asked} ${flags}src=${address} dst=10.244.0.4 sport=${port} dport=${from} mark=0 use=1`;
};
const PAST = '169.254.169.254 80';
const HERE = '127.0.0.1 2579';

/** The deletions that follow a listing. */
async function deletions(
  listing: readonly string[],
  target = TARGET,
  { code }: { readonly code: number | undefined } = { code: 0 },
): Promise<string[]> {
  const calls: string[] = [];
  const run: ConntrackRunner = (args) => {
    calls.push(args.join(' '));
    const stdout = args[0] === '-L' ? listing.join('\n') : '';
    return Promise.resolve(code === undefined ? undefined : { code, stdout });
  };
  await dropConnections(run, target, silentLogger)();
  return calls.filter((call) => !call.startsWith('-L'));
}

const past = (address: string, port: number): string => `-D ${ALL} --reply-src ${address} --reply-port-src ${port}`;

it.each<[sentence: string, listing: readonly string[], deleted: readonly string[]]>([
  ['nothing is open: nothing is done', [], []],
  ['what has come to NMI goes on', [connection(1, HERE), connection(2, HERE, 'TIME_WAIT')], []],
  ['what goes to the service itself is cut', [connection(1, PAST)], [past('169.254.169.254', 80)]],
  ['so is what is only about to', [connection(1, PAST, 'SYN_SENT', '[UNREPLIED] ')], [past('169.254.169.254', 80)]],
  ['and what somebody else answers', [connection(1, '10.0.0.4 2579')], [past('10.0.0.4', 2579)]],
  ['even on this machine', [connection(1, '127.0.0.1 2580')], [past('127.0.0.1', 2580)]],
  [
    'each such place once',
    [connection(1, PAST), connection(2, HERE), connection(3, PAST), connection(4, '10.0.0.4 2579')],
    [past('169.254.169.254', 80), past('10.0.0.4', 2579)],
  ],
  ['a line that cannot be read harms nothing', ['conntrack v1.4.7: 1 flow entries have been shown.'], []],
])('%s', async (_, listing, deleted) => {
  expect(await deletions(listing)).toEqual(deleted);
});

it('NMI is where it listens', async () => {
  const target = { ...TARGET, listenAddress: '10.0.0.4', port: 2600 };
  expect(await deletions([connection(1, '10.0.0.4 2600')], target)).toEqual([]);
  expect(await deletions([connection(1, HERE)], target)).toEqual([past('127.0.0.1', 2579)]);
});

it.each([[undefined], [1], [2]])('where they cannot be told apart, all are cut: exit code %s', async (code) => {
  expect(await deletions([connection(1, HERE)], TARGET, { code })).toEqual([`-D ${ALL}`]);
});
