import { join } from 'node:path';
import type { ClusterPlan } from '../plan/cluster-plan.ts';
import type { Layout } from '../plan/layout.ts';
import { goFlags, type Component } from './component.ts';

const MAIN = join(import.meta.dirname, '../azure/main.ts');

/** A socket that is a file is reached from every network namespace. */
export const controlSocket = ({ config }: Layout) => config('azure.sock');
export const connectionsLog = ({ log }: Layout) => log('azure-connections');

/** Not a program of the node: it goes on while that is down. */
export function azure({ layout }: ClusterPlan): Component {
  const flags = {
    ...{ 'ca-cert': layout.pki('azure-ca.crt'), 'ca-key': layout.pki('azure-ca.key') },
    ...{ state: layout.config('azure-state.json'), connections: connectionsLog(layout) },
    'control-socket': controlSocket(layout),
  };
  return {
    ...{ name: 'azure', where: 'azure', after: [] },
    command: [process.execPath, MAIN, ...goFlags(flags)],
    ready: [{ kind: 'http', url: 'http://localhost/state', socket: controlSocket(layout) }],
  };
}

/** What the cluster itself must hold for its pods to find and to trust that Azure. */
export function azureObjectsCommand({ programs, layout }: ClusterPlan): string[] {
  const kubectl = join(programs.kubernetes, 'kubectl');
  return [kubectl, '--kubeconfig', layout.kubeconfig, 'apply', '-f', layout.config('azure-objects.json')];
}

/** Tells what the API server makes of a pod, without making one. */
export function trustedPodCommand({ programs, layout }: ClusterPlan): string[] {
  const kubectl = join(programs.kubernetes, 'kubectl');
  const options = ['--image=none', '--dry-run=server', '--output=jsonpath={.spec.volumes}'];
  return [kubectl, '--kubeconfig', layout.kubeconfig, 'run', 'trust', ...options];
}
