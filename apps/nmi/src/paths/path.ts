/**
 * How the node reaches an address, told by the one interface behind which only one pod can be: the pod's own end of it
 * goes with the pod's sandbox, and so does this end. An address does not move to another pod without its path changing.
 */
export interface Path {
  readonly device: string;
  /** Tells this interface from all that had or will have its name. */
  readonly born: string;
}

/** A route as far as it decides which interface an address is behind. */
export interface Route {
  readonly device: string;
  /** For this address alone. */
  readonly toHost: boolean;
  /** Sent to the address itself, not to a gateway. */
  readonly direct: boolean;
}

/** What the kernel says at one moment. */
export interface NetworkView {
  /** The route that packets to `address` take. */
  readonly route: (address: string) => Route | undefined;
  readonly isBridge: (device: string) => boolean;
  /** The hardware address that answered for `address` on `device`. */
  readonly neighbour: (address: string, device: string) => string | undefined;
  /** The port of a bridge behind which a hardware address was heard last. */
  readonly portOf: (bridge: string, hardwareAddress: string) => string | undefined;
  /** Undefined for what more than one pod may be behind: a network card, a tunnel, a bridge, a shared device. */
  readonly birthOf: (device: string) => string | undefined;
}

/** Nothing that a pod sends comes from there, so it is always the node itself, on which nothing moves. */
const NODE_ITSELF: Path = { device: 'lo', born: 'with the node' };

export function isNodeItself(path: Path): boolean {
  return path === NODE_ITSELF;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

export function samePath(a: Path | undefined, b: Path | undefined): boolean {
  return a !== undefined && a.device === b?.device && a.born === b.born;
}

function bridgePort(address: string, bridge: string, view: NetworkView): string | undefined {
  const hardwareAddress = view.neighbour(address, bridge);
  return hardwareAddress === undefined ? undefined : view.portOf(bridge, hardwareAddress);
}

/** The path to `address`; undefined where the kernel does not tell one pod from another. */
export function pathOf(address: string, view: NetworkView): Path | undefined {
  if (isLoopback(address)) return NODE_ITSELF;
  const route = view.route(address);
  if (route?.direct !== true) return undefined;
  const onBridge = view.isBridge(route.device);
  if (!onBridge && !route.toHost) return undefined;
  const device = onBridge ? bridgePort(address, route.device, view) : route.device;
  const born = device === undefined ? undefined : view.birthOf(device);
  return device === undefined || born === undefined ? undefined : { device, born };
}
