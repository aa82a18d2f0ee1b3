import { componentsOf } from './components/index.ts';
import type { ClusterPlan } from './plan/cluster-plan.ts';
import type { Layout } from './plan/layout.ts';
import { fullOptions } from './plan/options.ts';
import { programPid, readRecord } from './run/records.ts';
import { readState } from './run/store.ts';

/** What is told of a cluster, a line each. */
export function statusLines(layout: Layout, name: string): string[] {
  const state = readState(layout);
  if (state === undefined) return [`there is no cluster ${name} in ${layout.root}`];
  if (state === 'unreadable') return [`the state of cluster ${name} in ${layout.root} cannot be read; up replaces it`];
  const isNode = state.profile === 'node';
  const options = fullOptions({ profile: state.profile, kubernetes: state.kubernetes });
  const plan: ClusterPlan = { name, options, layout, ...state, programs: { kubernetes: '' } };
  const rows = componentsOf(plan).map(({ name: component }) => {
    const record = readRecord(layout.pids, component);
    const pid = record === undefined ? undefined : programPid(record, isNode);
    return `  ${component.padEnd(24)} ${pid === undefined ? 'does not run' : `process ${pid}`}`;
  });
  const phase = state.phase === 'up' ? '' : ', its start was interrupted';
  return [
    `${name}: profile ${state.profile}, Kubernetes ${state.kubernetes}${phase}`,
    ...[`  API server https://${state.address}:${state.ports.apiServer}`, `  folder ${layout.root}`],
    ...rows,
  ];
}
