import { isUserAssignedIdentityId } from '@aad-pod-identity/crd-types';
import { type FlagValues, UsageError } from '@aad-pod-identity/runtime';
import type { FLAGS } from './flags.ts';

type Flags = FlagValues<typeof FLAGS>;

/** One rule about flags that each are well-formed: what is found though it must not be, and the line that says so. */
interface Rule {
  readonly flag: keyof Flags;
  /** What is wrong, as the end of the line; undefined where nothing is. */
  readonly problem: (flags: Flags) => string | undefined;
}

/** Names of Kubernetes. */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const isName = (text: string): boolean => text.length <= 253 && text.split('.').every((part) => LABEL.test(part));
const isNamespacedName = (text: string): boolean => {
  const [namespace = '', name = '', ...more] = text.split('/');
  return LABEL.test(namespace) && isName(name) && more.length === 0;
};
const TAINT_NAME = /^[A-Za-z0-9](?:[-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const isTaintKey = (text: string): boolean => {
  const parts = text.split('/');
  const prefix = parts.length === 1 ? undefined : parts.shift();
  return parts.length === 1 && TAINT_NAME.test(parts.join()) && (prefix === undefined || isName(prefix));
};
const CONFIG_MAP_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What any HTTP header can carry; other text would make each call fail, not the start. */
const HEADER_TEXT = /^[ -~]*$/;

/** Short enough for one line, whatever was pasted. */
const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);

function unless(isAllowed: boolean, problem: string): string | undefined {
  return isAllowed ? undefined : problem;
}

const namesObject = (flag: 'leader-election-name' | 'config-map-name'): Rule => ({
  flag,
  problem: (flags) => unless(isName(flags[flag]), `${quoted(flags[flag])} is not the name of an object`),
});

const RULES: readonly Rule[] = [
  {
    flag: 'leader-election-namespace',
    problem: ({ 'leader-election-namespace': text }) =>
      unless(LABEL.test(text), `${quoted(text)} is not the name of a namespace`),
  },
  {
    flag: 'deployment',
    problem: ({ deployment: text }) =>
      unless(text === '' || isNamespacedName(text), `${quoted(text)} is not of the form namespace/name`),
  },
  {
    flag: 'startup-taint',
    problem: ({ 'startup-taint': text }) =>
      unless(text === '' || isTaintKey(text), `${quoted(text)} is not a key that a taint can have`),
  },
  namesObject('leader-election-name'),
  namesObject('config-map-name'),
  {
    flag: 'type-upgrade-status-key',
    problem: ({ 'type-upgrade-status-key': text }) =>
      unless(CONFIG_MAP_KEY.test(text), `${quoted(text)} is not a key that a ConfigMap can have`),
  },
  {
    flag: 'leader-election-instance',
    problem: ({ 'leader-election-instance': text }) =>
      unless(HEADER_TEXT.test(text), 'only printable ASCII, in one line'),
  },
  {
    flag: 'custom-user-agent',
    problem: ({ 'custom-user-agent': text }) => unless(HEADER_TEXT.test(text), 'only printable ASCII, in one line'),
  },
  {
    flag: 'immutable-user-msis',
    problem: ({ 'immutable-user-msis': ids }) => {
      const bad = ids.find((id) => !GUID.test(id) && !isUserAssignedIdentityId(id));
      return bad === undefined ? undefined : `${quoted(bad)} is neither a client id nor the resource id of an identity`;
    },
  },
  {
    flag: 'prometheus-port',
    problem: ({ 'prometheus-port': metrics, 'http-probe-port': health }) =>
      unless(metrics === 0 || metrics !== health, 'must not be that of --http-probe-port'),
  },
];

/** @throws UsageError, one line that names the flag */
export function checkFlags(flags: Flags): void {
  for (const { flag, problem } of RULES) {
    const found = problem(flags);
    if (found !== undefined) throw new UsageError(`--${flag}: ${found}`);
  }
}

/** Where MIC runs and keeps its ConfigMaps. @throws UsageError */
export function namespaceOf({ MIC_POD_NAMESPACE: namespace = '' }: NodeJS.ProcessEnv): string {
  if (LABEL.test(namespace)) return namespace;
  const found = namespace === '' ? 'nothing' : quoted(namespace);
  throw new UsageError(`MIC_POD_NAMESPACE (environment): found ${found}, allowed is the namespace that MIC runs in`);
}
