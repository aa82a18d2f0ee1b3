import { isIP } from 'node:net';
import { UsageError } from '@aad-pod-identity/runtime';
import type { Flags } from './flags.ts';

/** One rule about flags that each are well-formed: what must hold, and the line that says what to do about it. */
interface Rule {
  readonly broken: (flags: Flags) => boolean;
  readonly message: (flags: Flags) => string;
}

/** What is passed on is named by the operator; identities are not his to pass on. */
const METADATA_PATH = /^[a-z0-9._-]+$/;

const RULES: readonly Rule[] = [
  {
    broken: ({ node }) => node === '',
    message: () => '--node: the name of this node is needed; give it here or in the environment as NODENAME',
  },
  {
    broken: (flags) => flags['operation-mode'] === 'managed' && !flags.forceNamespaced,
    message: () => '--operation-mode=managed needs --forceNamespaced, or any namespace could bind any identity',
  },
  ...(['nmi-listen-address', 'metadata-ip'] as const).map((name) => ({
    broken: (flags: Flags) => isIP(flags[name]) === 0,
    message: (flags: Flags) => `--${name}: ${JSON.stringify(flags[name])} is not an IP address`,
  })),
  {
    broken: (flags) => flags['metadata-port'] === 0,
    message: () => '--metadata-port: 0 is not a port that anybody could ask',
  },
  {
    broken: (flags) => flags.redirection === 'iptables' && flags['nmi-port'] === 0,
    message: () => '--nmi-port: 0 is no port to redirect to; name one or use --redirection=none',
  },
  {
    broken: ({ daemonset }) => daemonset !== '' && !/^[^/]+\/[^/]+$/.test(daemonset),
    message: ({ daemonset }) => `--daemonset: ${JSON.stringify(daemonset)} is not of the form namespace/name`,
  },
  {
    broken: (flags) => {
      const [listen, metadata] = [isIP(flags['nmi-listen-address']), isIP(flags['metadata-ip'])];
      return flags.redirection === 'iptables' && listen !== metadata && flags['nmi-listen-address'] !== '::';
    },
    message: () => '--nmi-listen-address: must be of the same IP family as --metadata-ip, to be redirected to',
  },
  {
    broken: (flags) => flags['metadata-paths'].some((name) => !METADATA_PATH.test(name) || name.startsWith('identity')),
    message: () =>
      '--metadata-paths: names in lower case without slashes, such as instance; identity is never passed on',
  },
  {
    broken: (flags) => flags['allowed-ad-endpoints'].some((url) => !url.startsWith('https://') || !URL.canParse(url)),
    message: () => '--allowed-ad-endpoints: only https URLs, such as https://login.example.com',
  },
];

/** @throws UsageError for flags that do not go together */
export function checkFlags(flags: Flags): void {
  const broken = RULES.find((rule) => rule.broken(flags));
  if (broken !== undefined) throw new UsageError(broken.message(flags));
}

/** Base URL of the real metadata service. */
export function metadataUrl(flags: Flags): string {
  const { 'metadata-ip': ip, 'metadata-port': port } = flags;
  const host = isIP(ip) === 6 ? `[${ip}]` : ip;
  return port === 80 ? `http://${host}` : `http://${host}:${port}`;
}
