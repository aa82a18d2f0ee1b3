import { componentsOf } from './components/index.ts';
import type { ClusterPlan } from './plan/cluster-plan.ts';
import type { Layout } from './plan/layout.ts';
import { programPid, readRecord } from './run/records.ts';
import { readState } from './run/store.ts';

/** What is told of a cluster, a line each. */
export function statusLines(layout: Layout, name: string): string[] {
  const state = readState(layout);
  if (state === undefined) return [`there is no cluster ${name} in ${layout.root}`];
  if (state === 'unreadable') return [`the state of cluster ${name} in ${layout.root} cannot be read; up replaces it`];
  const { profile, kubernetes } = state.options;
  const plan: ClusterPlan = { name, layout, ...state, programs: { kubernetes: '' } };
  const rows = componentsOf(plan).map(({ name: component }) => {
    const record = readRecord(layout.pids, component);
    const pid = record === undefined ? undefined : programPid(record, profile === 'node');
    return `  ${component.padEnd(24)} ${pid === undefined ? 'does not run' : `process ${pid}`}`;
  });
  const phase = state.phase === 'up' ? '' : ', its start was interrupted';
  return [
    `${name}: profile ${profile}, Kubernetes ${kubernetes}${phase}`,
    ...[`  API server https://${state.address}:${state.ports.apiServer}`, `  folder ${layout.root}`],
    ...rows,
  ];
}
