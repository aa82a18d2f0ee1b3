import type { Cluster } from '../cluster.ts';
import { isRecord, type JsonRecord, recordAt, sameJson } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { Prepared } from '../schema/custom-resource.ts';
import { type FieldProblem, invalidValue, required } from '../status-errors.ts';
import { defaultPodSpec, podSpecProblems } from './pods.ts';

export const FIXED = 'field is immutable';

/** Template of a workload with the defaults of a pod. */
function defaultTemplate(template: unknown): JsonRecord {
  const record = isRecord(template) ? template : {};
  return { ...record, metadata: recordAt(record, 'metadata'), spec: defaultPodSpec(recordAt(record, 'spec')) };
}

const ROLLING = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
const DAEMON_ROLLING = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };

const WORKLOAD_DEFAULTS: Readonly<Record<string, JsonRecord>> = {
  'deployments.apps': { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: ROLLING },
  'daemonsets.apps': { revisionHistoryLimit: 10, updateStrategy: DAEMON_ROLLING },
  'replicasets.apps': { replicas: 1 },
};

const EMPTY_STATUS: Readonly<Record<string, JsonRecord>> = {
  'deployments.apps': {},
  'daemonsets.apps': { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  'replicasets.apps': { replicas: 0 },
};

function workloadProblems(spec: JsonRecord): FieldProblem[] {
  const wanted = recordAt(spec, 'selector', 'matchLabels');
  const labels = recordAt(spec, 'template', 'metadata', 'labels');
  if (!isRecord(spec.selector)) return [required('spec.selector')];
  const fits = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  return [
    ...(fits
      ? []
      : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ...podSpecProblems(recordAt(spec, 'template', 'spec'), 'spec.template.spec'),
  ];
}

function prepareWorkload(type: ResourceType, object: KubeObject): Prepared {
  const sent = recordAt(object, 'spec');
  const spec = { ...WORKLOAD_DEFAULTS[type.collection], ...sent, template: defaultTemplate(sent.template) };
  return { object: { ...object, spec }, problems: workloadProblems(spec) };
}

export function createWorkload(_cluster: Cluster, type: ResourceType, object: KubeObject): Prepared {
  const { object: prepared, problems } = prepareWorkload(type, object);
  return { object: { ...prepared, status: EMPTY_STATUS[type.collection] ?? {} }, problems };
}

export function updateWorkload(before: KubeObject, sent: KubeObject, type: ResourceType): Prepared {
  const { object, problems } = prepareWorkload(type, sent);
  const selector = recordAt(object, 'spec').selector;
  const kept = sameJson(recordAt(before, 'spec').selector, selector);
  const fixed = kept ? [] : [invalidValue('spec.selector', selector, FIXED)];
  return { object: { ...object, status: before.status }, problems: [...problems, ...fixed] };
}
