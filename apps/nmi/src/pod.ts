import { SocketAddress, isIP } from 'node:net';
import type { FieldTree } from '@aad-pod-identity/kube';

/** What is kept of a pod of this node. */
export interface Pod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccountName: string;
  /** Uses the node's own addresses, which tell nothing about who is calling. */
  readonly hostNetwork: boolean;
  /** In the form of `normalAddress`. */
  readonly addresses: readonly string[];
}

/** The index of the pod store that callers are found by. */
export const BY_ADDRESS = 'address';

/** Pods under the addresses that tell them apart: those of the node's own network have none. */
export function addressesToFindBy(pod: Pod): readonly string[] {
  return pod.hostNetwork ? [] : pod.addresses;
}

/** What `slimPod` reads besides names. */
export const POD_FIELDS: FieldTree = {
  metadata: { uid: true, labels: true },
  spec: { nodeName: true, hostNetwork: true, serviceAccountName: true },
  status: { phase: true, podIP: true, podIPs: true },
};

interface RawPod {
  readonly metadata?: { uid?: unknown; namespace?: unknown; name?: unknown; labels?: unknown } | null;
  readonly spec?: { nodeName?: unknown; hostNetwork?: unknown; serviceAccountName?: unknown } | null;
  readonly status?: { phase?: unknown; podIP?: unknown; podIPs?: unknown } | null;
}

/** A pod that has ended keeps its address on paper, and another pod may have it by now. */
const LIVE_PHASES: ReadonlySet<unknown> = new Set(['Pending', 'Running']);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One spelling for each address: `::ffff:` forms as IPv4, IPv6 short and in lower case; undefined if it is none. */
export function normalAddress(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  if (family === 4) return address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return short.startsWith('::ffff:') && short.includes('.') ? short.slice('::ffff:'.length) : short;
}

function addressesOf(status: RawPod['status']): string[] {
  const listed = Array.isArray(status?.podIPs) ? (status.podIPs as ({ ip?: unknown } | null)[]) : [];
  const all = [status?.podIP, ...listed.map((entry) => entry?.ip)];
  const normal = all.map((address) => normalAddress(text(address))).filter((address) => address !== undefined);
  return [...new Set(normal)];
}

function labelsOf(labels: unknown): Record<string, string> {
  if (typeof labels !== 'object' || labels === null) return {};
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => typeof value === 'string'));
}

/** Keeps of a pod what NMI needs; undefined for pods that have ended or are on another node. */
export function slimPod(raw: unknown, node: string): Pod | undefined {
  const { metadata, spec, status } = (raw ?? {}) as RawPod;
  if (!LIVE_PHASES.has(status?.phase) || spec?.nodeName !== node) return undefined;
  return {
    uid: text(metadata?.uid),
    namespace: text(metadata?.namespace),
    name: text(metadata?.name),
    labels: labelsOf(metadata?.labels),
    serviceAccountName: text(spec.serviceAccountName) || 'default',
    hostNetwork: spec.hostNetwork === true,
    addresses: addressesOf(status),
  };
}
