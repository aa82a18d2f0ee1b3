import type { Layout } from './layout.ts';
import type { FullOptions } from './options.ts';

export const PORT_NAMES = [
  ...(['apiServer', 'etcd', 'etcdPeer', 'etcdHealth', 'controllerManager', 'scheduler', 'kwok'] as const),
] as const;
export type Ports = Readonly<Record<(typeof PORT_NAMES)[number], number>>;

/** In a network namespace of its own every program has its usual port. */
export const USUAL_PORTS: Ports = {
  ...{ apiServer: 6443, etcd: 2379, etcdPeer: 2380, etcdHealth: 2381 },
  ...{ controllerManager: 10_257, scheduler: 10_259, kwok: 10_247 },
};

/** Cluster networks; none of these addresses is seen outside the node's namespace. */
export const SERVICE_CIDR = '10.96.0.0/16';
export const SERVICE_ADDRESS = '10.96.0.1';
export const DNS_ADDRESS = '10.96.0.10';
export const POD_CIDR = '10.244.0.0/16';
export const SIMULATED_POD_CIDR = '10.245.0.0/16';

export const NODE_NAME = 'node1';

/** Folders of programs, by tool. */
export interface Programs {
  readonly kubernetes: string;
  readonly kwok?: string;
  readonly pause?: string;
}

/** All that the components' arguments follow from. */
export interface ClusterPlan {
  readonly name: string;
  readonly options: FullOptions;
  readonly layout: Layout;
  /** Where the API server is reached from this machine: loopback, or the node. */
  readonly address: string;
  readonly ports: Ports;
  readonly programs: Programs;
}

export function apiServerUrl({ address, ports }: Pick<ClusterPlan, 'address' | 'ports'>): string {
  return `https://${address}:${ports.apiServer}`;
}
