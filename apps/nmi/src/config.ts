import { isIP } from 'node:net';
import { knownAuthority } from '@aad-pod-identity/entra';
import { UsageError } from '@aad-pod-identity/runtime';
import type { Flags } from './flags.ts';

/** One rule about flags that each are well-formed: what must hold, and the line that says what to do about it. */
interface Rule {
  readonly broken: (flags: Flags) => boolean;
  readonly message: (flags: Flags) => string;
}

/** Names of Kubernetes. A node's name goes into selectors, where a comma or an equals sign would mean something else. */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const isName = (text: string): boolean => text.length <= 253 && text.split('.').every((part) => LABEL.test(part));

/** What any HTTP header can carry; other text would make each call fail, not the start. */
const HEADER_TEXT = /^[ -~]*$/;

function isNamespacedName(text: string): boolean {
  const [namespace = '', name = '', ...more] = text.split('/');
  return LABEL.test(namespace) && isName(name) && more.length === 0;
}

/** Short enough for one line, whatever was pasted. */
const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);

const PORTS = ['nmi-port', 'http-probe-port', 'prometheus-port'] as const;

/** A flag whose port another one before it has as well; 0 leaves the choice to the system. */
function portTwice(flags: Flags): (typeof PORTS)[number] | undefined {
  return PORTS.find((name, index) => flags[name] !== 0 && PORTS.slice(0, index).some((b) => flags[b] === flags[name]));
}

/** What is passed on is named by the operator; identities are not his to pass on. */
const METADATA_PATH = /^[a-z0-9._-]+$/;

const RULES: readonly Rule[] = [
  {
    broken: ({ node }) => node === '',
    message: () => '--node: the name of this node is needed; give it here or in the environment as NODENAME',
  },
  {
    broken: ({ node }) => !isName(node),
    message: ({ node }) => `--node (environment NODENAME): ${quoted(node)} is not the name of a node`,
  },
  {
    broken: ({ MICNamespace }) => !LABEL.test(MICNamespace),
    message: ({ MICNamespace }) => `--MICNamespace: ${quoted(MICNamespace)} is not the name of a namespace`,
  },
  {
    broken: (flags) => !flags['mic-service-accounts'].every(isName),
    message: () => '--mic-service-accounts: only names of service accounts, without their namespace',
  },
  {
    broken: (flags) => !HEADER_TEXT.test(flags['custom-user-agent']),
    message: () => '--custom-user-agent: only printable ASCII, in one line',
  },
  {
    broken: (flags) => portTwice(flags) !== undefined,
    message: (flags) => `--${portTwice(flags) ?? ''}: ${PORTS.map((name) => `--${name}`).join(', ')} must differ`,
  },
  {
    broken: (flags) => flags['operation-mode'] === 'managed' && !flags.forceNamespaced,
    message: () => '--operation-mode=managed needs --forceNamespaced, or any namespace could bind any identity',
  },
  ...(['nmi-listen-address', 'metadata-ip'] as const).map((name) => ({
    broken: (flags: Flags) => isIP(flags[name]) === 0,
    message: (flags: Flags) => `--${name}: ${quoted(flags[name])} is not an IP address`,
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
    broken: (flags) => flags['close-only'] && flags.redirection === 'none',
    message: () => '--close-only: with --redirection=none the rules of the node are not for NMI to write',
  },
  {
    broken: ({ daemonset }) => daemonset !== '' && !isNamespacedName(daemonset),
    message: ({ daemonset }) =>
      `--daemonset (environment NMI_DAEMONSET): ${quoted(daemonset)} is not of the form namespace/name`,
  },
  {
    broken: ({ 'namespace-settings': name }) => name !== '' && !isNamespacedName(name),
    message: ({ 'namespace-settings': name }) =>
      `--namespace-settings: ${quoted(name)} is not of the form namespace/name`,
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
    broken: (flags) => flags['allowed-ad-endpoints'].some((url) => !knownAuthority(url, [url])),
    message: () => '--allowed-ad-endpoints: only https URLs without a path, such as https://login.example.com',
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
