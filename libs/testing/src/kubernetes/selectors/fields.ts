import { valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import { badRequest } from '../status-errors.ts';

export type FieldMatcher = (object: KubeObject) => boolean;

/** Fields beyond metadata.name and metadata.namespace that the real server lets a selector name. */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  'replicasets.apps': ['status.replicas'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

const BOOLEAN_FIELDS = new Set(['spec.unschedulable', 'spec.hostNetwork']);

function fieldText(object: KubeObject, field: string): string {
  if (field === 'source') return fieldText(object, 'source.component') || fieldText(object, 'reportingComponent');
  const value = valueAt(object, field.split('.'));
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return BOOLEAN_FIELDS.has(field) ? 'false' : '';
}

function assertSelectable(type: ResourceType, field: string): void {
  const known = [
    'metadata.name',
    ...(type.namespaced || !type.custom ? ['metadata.namespace'] : []),
    ...(SELECTABLE[type.collection] ?? []),
    ...(type.selectableFields ?? []),
  ];
  if (known.includes(field)) return;
  if (type.custom || type.collection in SELECTABLE) throw badRequest(`field label not supported: ${field}`);
  throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

function requirement(type: ResourceType, text: string): FieldMatcher {
  const parsed = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(text);
  if (!parsed) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, field = '', operator, escaped = ''] = parsed;
  assertSelectable(type, field);
  const value = escaped.replace(/\\([\\,=])/g, '$1');
  return (object) => (fieldText(object, field) === value) === (operator !== '!=');
}

/**
 * A field selector as it stands in a query.
 * @throws ApiError 400 when it can't be read or names a field that can't be selected by
 */
export function fieldMatcher(type: ResourceType, selector: string): FieldMatcher {
  if (selector.trim() === '') return () => true;
  const all = selector.split(/(?<!\\),/).map((part) => requirement(type, part.trim()));
  return (object) => all.every((matches) => matches(object));
}
