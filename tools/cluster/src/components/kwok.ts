import { join } from 'node:path';
import { SIMULATED_POD_CIDR, type ClusterPlan } from '../plan/cluster-plan.ts';
import { goFlags, type Component } from './component.ts';

/** A Node with this annotation is simulated: it becomes Ready, and its pods Running. */
export const SIMULATED_NODE_ANNOTATION = 'kwok.x-k8s.io/node';

export function kwok({ programs, layout, address, ports }: ClusterPlan): Component {
  const folder = programs.kwok ?? '';
  const server = `${address}:${ports.kwok}`;
  const flags = {
    ...{ config: join(folder, 'stages.yaml'), kubeconfig: layout.kubeconfig },
    'manage-all-nodes': false,
    'manage-nodes-with-annotation-selector': `${SIMULATED_NODE_ANNOTATION}=fake`,
    'node-lease-duration-seconds': 40,
    ...{ cidr: SIMULATED_POD_CIDR, 'node-ip': '10.255.0.1', 'server-address': server },
  };
  return {
    name: 'kwok',
    command: [join(folder, 'kwok'), ...goFlags(flags)],
    after: ['kube-apiserver'],
    ready: [{ kind: 'http', url: `http://${server}/healthz` }],
  };
}
