import { createHash } from 'node:crypto';
import { DEFAULT_KUBERNETES, type KubernetesVersion } from '../bring/go-tools.ts';
import type { Profile } from './profiles.ts';

/** What a caller may choose; all of it decides whether a cluster that already runs is the wanted one. */
export interface ClusterOptions {
  readonly profile: Profile;
  readonly kubernetes?: KubernetesVersion;
  /** Whether the `control-plane` profile has a scheduler; the others always have. */
  readonly scheduler?: boolean;
  /** An audit policy file; what it asks for is written to `logs/audit.log`. */
  readonly auditPolicy?: string;
  /** An AdmissionConfiguration file. */
  readonly admissionConfiguration?: string;
  /** Feature gates of the API server, the controller manager, the scheduler and the kubelet. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** API groups and versions to serve that are off by default, as `--runtime-config` has them. */
  readonly runtimeConfig?: readonly string[];
  /** Further arguments of single programs, by component name. */
  readonly arguments?: Readonly<Partial<Record<string, readonly string[]>>>;
  readonly proxyMode?: ProxyMode;
  /** Whether the `node` profile has a simulated Azure around its node. */
  readonly azure?: boolean;
  /** JSON file of what that Azure holds to begin with; its first machine is the node's. */
  readonly azureState?: string;
  /** JSON file that the node has as `/etc/kubernetes/azure.json`. */
  readonly cloudConfig?: string;
}

export const PROXY_MODES = ['iptables', 'nftables'] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

export type FullOptions = Required<ClusterOptions>;

export function fullOptions(options: ClusterOptions): FullOptions {
  return {
    ...{ kubernetes: DEFAULT_KUBERNETES, auditPolicy: '', admissionConfiguration: '' },
    ...{
      featureGates: {},
      runtimeConfig: [],
      arguments: {},
      proxyMode: 'iptables',
      azure: false,
      azureState: '',
      cloudConfig: '',
    },
    ...options,
    scheduler: options.profile !== 'control-plane' || options.scheduler === true,
  };
}

/** Equal for equal options, in whatever order they were named. */
export function optionsDigest(options: FullOptions): string {
  const sorted = JSON.stringify(options, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex').slice(0, 16);
}
