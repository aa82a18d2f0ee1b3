/** What the node tells about its network. */
export interface NetworkFacts {
  /** The text of `--kubelet-config`; undefined where there is no such file. */
  readonly kubeletConfig: string | undefined;
  readonly interfaces: readonly string[];
}

const KUBENET_BRIDGE = 'cbr0';

/**
 * Why this node looks as if it used kubenet; undefined if it doesn't. Under kubenet pods share a bridge and can take
 * each other's addresses (CVE-2021-1677), so an address would no longer tell who is calling.
 */
export function kubenetSign({ kubeletConfig, interfaces }: NetworkFacts): string | undefined {
  if (kubeletConfig?.includes('--network-plugin=kubenet')) return 'the kubelet’s configuration names it';
  return interfaces.includes(KUBENET_BRIDGE) ? `its bridge ${KUBENET_BRIDGE} is there` : undefined;
}

export interface NodeInterface {
  readonly name: string;
  /** How many others are attached to it, if it is a bridge. */
  readonly ports: number;
}

/** Bridges that pods may share. Other network plugins than kubenet keep pods to their addresses there, or do not. */
export function sharedBridges(interfaces: readonly NodeInterface[]): string[] {
  return interfaces.filter(({ name, ports }) => ports > 0 && name !== KUBENET_BRIDGE).map(({ name }) => name);
}
