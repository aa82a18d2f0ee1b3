/** The one link between this machine and a node: four addresses of 10.200.0.0/16 for each cluster. */
export interface NodeNetwork {
  readonly index: number;
  readonly hostInterface: string;
  readonly hostAddress: string;
  readonly nodeAddress: string;
}

export const MAX_NODES = 256;
const PREFIX = 'aadpi';

export function nodeNetwork(index: number): NodeNetwork {
  return {
    index,
    hostInterface: `${PREFIX}${index}`,
    hostAddress: `10.200.${index}.1`,
    nodeAddress: `10.200.${index}.2`,
  };
}

/** The network of the cluster whose node has this address. */
export function networkOf(nodeAddress: string): NodeNetwork {
  return nodeNetwork(Number(nodeAddress.split('.')[2]));
}

/** Networks that nothing on this machine uses; a second cluster may still be faster. */
export function freeNetworks(interfaces: readonly string[], addresses: readonly string[]): NodeNetwork[] {
  return Array.from({ length: MAX_NODES }, (_, index) => nodeNetwork(index)).filter(
    ({ index, hostInterface }) =>
      !interfaces.includes(hostInterface) && !addresses.some((address) => address.startsWith(`10.200.${index}.`)),
  );
}

/** Makes the link; its other end is made inside the node's namespace, with which both vanish. */
export function linkCommand({ hostInterface }: NodeNetwork, init: number): string[] {
  return ['ip', 'link', 'add', hostInterface, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(init)];
}

/** The rest of this machine's end: the address brings the only route that this machine gets. */
export function hostCommands({ hostInterface, hostAddress }: NodeNetwork): string[][] {
  return [
    ['ip', 'address', 'add', `${hostAddress}/30`, 'dev', hostInterface],
    ['ip', 'link', 'set', hostInterface, 'up'],
  ];
}

/** The node's end; kubelet and the CNI plugins want a default route, though this machine forwards nothing. */
export function nodeCommands({ hostAddress, nodeAddress }: NodeNetwork): string[][] {
  return [
    ['ip', 'address', 'add', `${nodeAddress}/30`, 'dev', 'eth0'],
    ['ip', 'link', 'set', 'eth0', 'up'],
    ['ip', 'route', 'add', 'default', 'via', hostAddress],
  ];
}
