import type { ClusterPlan } from '../plan/cluster-plan.ts';
import type { Profile } from '../plan/profiles.ts';
import { azure } from './azure.ts';
import type { Component } from './component.ts';
import { apiServer, controllerManager, etcd, scheduler } from './control-plane.ts';
import { kwok } from './kwok.ts';
import { containerd, kubelet, kubeProxy } from './node.ts';

type Row = (plan: ClusterPlan) => Component;

const CONTROL_PLANE: readonly Row[] = [etcd, apiServer, controllerManager];

const ROWS: Readonly<Record<Profile, readonly Row[]>> = {
  'control-plane': CONTROL_PLANE,
  'simulated-nodes': [...CONTROL_PLANE, kwok],
  node: [containerd, ...CONTROL_PLANE, kubelet, kubeProxy],
};

/** Everything that runs in a cluster of this plan; a component stands after those that it waits for. */
export function componentsOf(plan: ClusterPlan): Component[] {
  const { profile, ...options } = plan.options;
  const rows = [...(options.azure ? [azure] : []), ...ROWS[profile], ...(options.scheduler ? [scheduler] : [])];
  return rows.map((row) => row(plan));
}
