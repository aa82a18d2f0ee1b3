import { isRecord, listAt, recordAt, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { Column } from './columns.ts';
import { age } from './durations.ts';
import { podColumns } from './pod-columns.ts';

type Cell = Column['cell'];

const text = (name: string, cell: Cell, priority = 0): Column => ({ name, type: 'string', priority, cell });
const NAME: Column = { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata.name };
const AGE = text('Age', (object, now) => age(object.metadata.creationTimestamp, now));

const orNone = (value: string): string => (value === '' ? '<none>' : value);
const at =
  (...path: readonly string[]): Cell =>
  (object) =>
    stringAt(object, ...path);
const noneAt =
  (...path: readonly string[]): Cell =>
  (object) =>
    orNone(stringAt(object, ...path));
const count =
  (...path: readonly string[]): Cell =>
  (object) => {
    const parent = recordAt(object, ...path.slice(0, -1));
    const value = parent[path.at(-1) ?? ''];
    return typeof value === 'number' ? value : 0;
  };
const size =
  (...fields: readonly string[]): Cell =>
  (object) =>
    fields.reduce((sum, field) => sum + Object.keys(recordAt(object, field)).length, 0);

const labelText = (labels: Readonly<Record<string, unknown>>): string =>
  orNone(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(','),
  );

function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((entry) => stringAt(entry, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : stringAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (recordAt(node, 'spec').unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: KubeObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return orNone(roles.sort().join(','));
}

const address =
  (type: string): Cell =>
  (node) =>
    orNone(
      stringAt(
        listAt(node, 'status', 'addresses').find((entry) => stringAt(entry, 'type') === type),
        'address',
      ),
    );
const nodeInfo =
  (field: string): Cell =>
  (node) =>
    stringAt(node, 'status', 'nodeInfo', field) || '<unknown>';

function eventSeen(event: KubeObject, now: number): string {
  const last = stringAt(event, 'series', 'lastObservedTime') || stringAt(event, 'lastTimestamp');
  return age(last || stringAt(event, 'eventTime') || event.metadata.creationTimestamp, now);
}

const eventObject: Cell = (event) =>
  `${stringAt(event, 'involvedObject', 'kind').toLowerCase()}/${stringAt(event, 'involvedObject', 'name')}`;

const containers =
  (field: string): Cell =>
  (object) =>
    listAt(object, 'spec', 'template', 'spec', 'containers')
      .map((container) => stringAt(container, field))
      .join(',');

const selector: Cell = (object) => labelText(recordAt(object, 'spec', 'selector', 'matchLabels'));
const desired = (object: KubeObject): number => count('spec', 'replicas')(object, 0) as number;

function servicePorts(service: KubeObject): string {
  const ports = listAt(service, 'spec', 'ports').filter(isRecord);
  return orNone(ports.map((port) => `${String(port.port)}/${stringAt(port, 'protocol') || 'TCP'}`).join(','));
}

function endpointsText(endpoints: KubeObject): string {
  const pairs = listAt(endpoints, 'subsets').flatMap((subset) =>
    listAt(subset, 'ports')
      .filter(isRecord)
      .flatMap((port) => listAt(subset, 'addresses').map((entry) => `${stringAt(entry, 'ip')}:${String(port.port)}`)),
  );
  return orNone(pairs.slice(0, 3).join(',') + (pairs.length > 3 ? ` + ${pairs.length - 3} more...` : ''));
}

const WORKLOAD_WIDE = [
  text('Containers', containers('name'), 1),
  text('Images', containers('image'), 1),
  text('Selector', selector, 1),
];

/** Columns of the built-in kinds as `kubectl get` knows them; kinds not named here show name and time. */
export const builtinColumns: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  nodes: [
    NAME,
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    AGE,
    text('Version', at('status', 'nodeInfo', 'kubeletVersion')),
    text('Internal-IP', address('InternalIP'), 1),
    text('External-IP', address('ExternalIP'), 1),
    text('OS-Image', nodeInfo('osImage'), 1),
    text('Kernel-Version', nodeInfo('kernelVersion'), 1),
    text('Container-Runtime', nodeInfo('containerRuntimeVersion'), 1),
  ],
  namespaces: [NAME, text('Status', at('status', 'phase')), AGE],
  secrets: [NAME, text('Type', at('type')), { ...text('Data', size('data')) }, AGE],
  configmaps: [NAME, text('Data', size('data', 'binaryData')), AGE],
  serviceaccounts: [NAME, text('Secrets', (object) => listAt(object, 'secrets').length), AGE],
  services: [
    NAME,
    text('Type', at('spec', 'type')),
    text('Cluster-IP', noneAt('spec', 'clusterIP')),
    text('External-IP', () => '<none>'),
    text('Port(s)', servicePorts),
    AGE,
    text('Selector', (object) => labelText(recordAt(object, 'spec', 'selector')), 1),
  ],
  endpoints: [NAME, text('Endpoints', endpointsText), AGE],
  events: [
    text('Last Seen', eventSeen),
    text('Type', at('type')),
    text('Reason', at('reason')),
    text('Object', eventObject),
    text('Subobject', at('involvedObject', 'fieldPath'), 1),
    text('Source', (event) => stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent'), 1),
    text('Message', (event) => stringAt(event, 'message').trim()),
    text(
      'First Seen',
      (event, now) => age(stringAt(event, 'firstTimestamp') || event.metadata.creationTimestamp, now),
      1,
    ),
    text('Count', count('count'), 1),
    { ...NAME, priority: 1 },
  ],
  'leases.coordination.k8s.io': [NAME, text('Holder', at('spec', 'holderIdentity')), AGE],
  'deployments.apps': [
    NAME,
    text('Ready', (object) => `${String(count('status', 'readyReplicas')(object, 0))}/${desired(object)}`),
    text('Up-to-date', count('status', 'updatedReplicas')),
    text('Available', count('status', 'availableReplicas')),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'replicasets.apps': [
    NAME,
    text('Desired', count('spec', 'replicas')),
    text('Current', count('status', 'replicas')),
    text('Ready', count('status', 'readyReplicas')),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'daemonsets.apps': [
    NAME,
    text('Desired', count('status', 'desiredNumberScheduled')),
    text('Current', count('status', 'currentNumberScheduled')),
    text('Ready', count('status', 'numberReady')),
    text('Up-to-date', count('status', 'updatedNumberScheduled')),
    text('Available', count('status', 'numberAvailable')),
    text('Node Selector', (object) => labelText(recordAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'rolebindings.rbac.authorization.k8s.io': [
    NAME,
    text('Role', (object) => `${stringAt(object, 'roleRef', 'kind')}/${stringAt(object, 'roleRef', 'name')}`),
    AGE,
  ],
  'clusterrolebindings.rbac.authorization.k8s.io': [
    NAME,
    text('Role', (object) => `${stringAt(object, 'roleRef', 'kind')}/${stringAt(object, 'roleRef', 'name')}`),
    AGE,
  ],
};
