import { isRecord, type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { Column } from './columns.ts';
import { age } from './durations.ts';

const statuses = (pod: KubeObject, field: string): JsonRecord[] => listAt(pod, 'status', field).filter(isRecord);

const exitReason = (terminated: JsonRecord): string => {
  const reason = stringAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = terminated.signal;
  return typeof signal === 'number' && signal !== 0 ? `Signal:${signal}` : `ExitCode:${String(terminated.exitCode)}`;
};

/** Why an init container keeps the pod from starting. */
function initReason(pod: KubeObject): string | undefined {
  const total = listAt(pod, 'spec', 'initContainers').length;
  for (const [index, status] of statuses(pod, 'initContainerStatuses').entries()) {
    const terminated = recordAt(status, 'state').terminated;
    if (isRecord(terminated) && terminated.exitCode === 0) continue;
    if (isRecord(terminated)) return `Init:${exitReason(terminated)}`;
    const waiting = stringAt(status, 'state', 'waiting', 'reason');
    return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
  }
  return undefined;
}

/** Why a container does not run; the first one that says so. */
function containerReason(pod: KubeObject): string | undefined {
  for (const status of statuses(pod, 'containerStatuses')) {
    const waiting = stringAt(status, 'state', 'waiting', 'reason');
    if (waiting !== '') return waiting;
    const terminated = recordAt(status, 'state').terminated;
    if (isRecord(terminated)) return exitReason(terminated);
  }
  return undefined;
}

function hasReadyCondition(pod: KubeObject): boolean {
  return statuses(pod, 'conditions').some((entry) => entry.type === 'Ready' && entry.status === 'True');
}

/** The word that tells how a pod is. */
export function podStatus(pod: KubeObject): string {
  const told = stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase');
  const running = statuses(pod, 'containerStatuses').some((status) => isRecord(recordAt(status, 'state').running));
  const found = initReason(pod) ?? containerReason(pod) ?? told;
  const reason = found === 'Completed' && running ? (hasReadyCondition(pod) ? 'Running' : 'NotReady') : found;
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (stringAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase')) ? reason : 'Terminating';
}

function restarts(pod: KubeObject): string {
  const all = statuses(pod, 'containerStatuses');
  return String(all.reduce((sum, { restartCount }) => sum + (typeof restartCount === 'number' ? restartCount : 0), 0));
}

const ready = (pod: KubeObject): string =>
  `${statuses(pod, 'containerStatuses').filter((status) => status.ready === true).length}/${listAt(pod, 'spec', 'containers').length}`;

const orNone = (text: string): string => (text === '' ? '<none>' : text);

export const podColumns: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', cell: (pod) => pod.metadata.name },
  { name: 'Ready', type: 'string', cell: ready },
  { name: 'Status', type: 'string', cell: podStatus },
  { name: 'Restarts', type: 'string', cell: restarts },
  { name: 'Age', type: 'string', cell: (pod, now) => age(pod.metadata.creationTimestamp, now) },
  { name: 'IP', type: 'string', priority: 1, cell: (pod) => orNone(stringAt(pod, 'status', 'podIP')) },
  { name: 'Node', type: 'string', priority: 1, cell: (pod) => orNone(stringAt(pod, 'spec', 'nodeName')) },
  {
    name: 'Nominated Node',
    type: 'string',
    priority: 1,
    cell: (pod) => orNone(stringAt(pod, 'status', 'nominatedNodeName')),
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    priority: 1,
    cell: (pod) => {
      const gates = listAt(pod, 'spec', 'readinessGates').map((gate) => stringAt(gate, 'conditionType'));
      const open = gates.filter((gate) =>
        statuses(pod, 'conditions').some((entry) => entry.type === gate && entry.status === 'True'),
      );
      return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`;
    },
  },
];
