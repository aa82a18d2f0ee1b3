import type { Cluster } from '../cluster.ts';
import { prepareChangedCrd, prepareNewCrd } from '../crds/prepare-crd.ts';
import { isRecord, type JsonRecord, listAt, recordAt, sameJson, stringAt, without } from '../json.ts';
import { asKubeObject, type KubeObject } from '../objects.ts';
import type { ResourceType } from '../resource-types.ts';
import type { Prepared } from '../schema/custom-resource.ts';
import { type FieldProblem, forbiddenField, invalidValue, notSupported } from '../status-errors.ts';
import { withoutEmpty } from './omit-empty.ts';
import { createPod, updatePod } from './pods.ts';
import { createWorkload, FIXED, updateWorkload } from './workloads.ts';

const fine = (object: KubeObject): Prepared => ({ object, problems: [] });

/** Secrets take plain text in `stringData` and keep it encoded in `data`. */
function withSecretData(object: KubeObject): KubeObject {
  const plain = Object.entries(recordAt(object, 'stringData')).map(([key, value]): [string, string] => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = { ...recordAt(object, 'data'), ...Object.fromEntries(plain) };
  const bare = asKubeObject(without(object, 'stringData', 'data'));
  return { ...bare, ...(Object.keys(data).length === 0 ? {} : { data }), type: bare.type ?? 'Opaque' };
}

const DATA_KEY = /^[-._a-zA-Z0-9]+$/;
const DATA_KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const dataProblems = (object: KubeObject): FieldProblem[] =>
  ['data', 'binaryData'].flatMap((field) =>
    Object.keys(recordAt(object, field))
      .filter((key) => !DATA_KEY.test(key))
      .map((key) => invalidValue(`${field}[${key}]`, key, DATA_KEY_TEXT)),
  );

const withDataChecked = (object: KubeObject): Prepared => ({ object, problems: dataProblems(object) });

function immutableProblems(before: KubeObject, after: KubeObject): FieldProblem[] {
  if (before.immutable !== true) return [];
  const reason = 'FieldValueForbidden';
  return ['data', 'binaryData']
    .filter((field) => !sameJson(before[field], after[field]))
    .map((field) => ({ reason, field, message: 'Forbidden: field is immutable when `immutable` is set' }));
}

function updateSecret(before: KubeObject, sent: KubeObject): Prepared {
  const after = withSecretData(sent);
  const problems = after.type === before.type ? [] : [invalidValue('type', after.type, FIXED)];
  return { object: after, problems: [...dataProblems(after), ...problems, ...immutableProblems(before, after)] };
}

function withOwnLabel(object: KubeObject): KubeObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function createNamespace(_cluster: Cluster, _type: ResourceType, object: KubeObject): Prepared {
  return fine({
    ...withOwnLabel(object),
    spec: { ...recordAt(object, 'spec'), finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
}

const keepStatus = (before: KubeObject, sent: KubeObject): Prepared => {
  const bare = asKubeObject(without(sent, 'status'));
  return fine(before.status === undefined ? bare : { ...bare, status: before.status });
};

const PROVIDER_FIXED = 'node updates may not change providerID except from "" to valid';

function updateNode(before: KubeObject, sent: KubeObject): Prepared {
  const known = stringAt(before, 'spec', 'providerID');
  const changed = known !== '' && stringAt(sent, 'spec', 'providerID') !== known;
  const problems = changed ? [forbiddenField('spec.providerID', PROVIDER_FIXED)] : [];
  return { ...keepStatus(before, sent), problems };
}

function withPortProtocols(endpoints: KubeObject): KubeObject {
  const subsets = listAt(endpoints, 'subsets').filter(isRecord);
  if (subsets.length === 0) return endpoints;
  const ports = (subset: JsonRecord) =>
    listAt(subset, 'ports').map((port) => ({ protocol: 'TCP', ...(port as object) }));
  return { ...endpoints, subsets: subsets.map((subset) => ({ ...subset, ports: ports(subset) })) };
}

function leaseProblems(lease: KubeObject): FieldProblem[] {
  const { leaseDurationSeconds, leaseTransitions } = recordAt(lease, 'spec');
  const problems: FieldProblem[] = [];
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0) {
    problems.push(invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0) {
    problems.push(invalidValue('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  }
  return problems;
}

const prepareLease = (object: KubeObject): Prepared => ({ object, problems: leaseProblems(object) });

/** Core v1 Events: they lie in the namespace of what they are about; cluster-scoped things use `default`. */
function eventProblems(event: KubeObject): FieldProblem[] {
  const about = stringAt(event, 'involvedObject', 'namespace');
  const { namespace = '' } = event.metadata;
  if (about === namespace || (about === '' && ['default', 'kube-system'].includes(namespace))) return [];
  return [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}

const prepareEvent = (object: KubeObject): Prepared => ({
  object: {
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
    ...object,
  },
  problems: eventProblems(object),
});

function podDisruptionProblems(object: KubeObject): FieldProblem[] {
  const { minAvailable, maxUnavailable } = recordAt(object, 'spec');
  return minAvailable !== undefined && maxUnavailable !== undefined
    ? [invalidValue('spec', recordAt(object, 'spec'), 'minAvailable and maxUnavailable cannot be both set')]
    : [];
}

function roleBindingProblems(before: KubeObject, sent: KubeObject): FieldProblem[] {
  return sameJson(before.roleRef, sent.roleRef) ? [] : [invalidValue('roleRef', sent.roleRef, 'cannot change roleRef')];
}

const withApiGroups = (object: KubeObject): KubeObject => ({
  ...object,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...recordAt(object, 'roleRef') },
});

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

function prepareService(object: KubeObject): Prepared {
  const sent = recordAt(object, 'spec');
  const ports = listAt(sent, 'ports').filter(isRecord);
  const spec = {
    sessionAffinity: 'None',
    type: 'ClusterIP',
    internalTrafficPolicy: 'Cluster',
    ...sent,
    ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
  };
  const problems = SERVICE_TYPES.includes(spec.type) ? [] : [notSupported('spec.type', spec.type, SERVICE_TYPES)];
  return { object: { ...object, spec, status: object.status ?? { loadBalancer: {} } }, problems };
}

interface Strategy {
  readonly create?: (cluster: Cluster, type: ResourceType, object: KubeObject) => Prepared;
  readonly update?: (before: KubeObject, sent: KubeObject, type: ResourceType) => Prepared;
}

const alike = (prepare: (object: KubeObject) => Prepared): Strategy => ({
  create: (_cluster, _type, object) => prepare(object),
  update: (_before, sent) => prepare(sent),
});

const WORKLOAD: Strategy = { create: createWorkload, update: updateWorkload };
const ROLE_BINDING: Strategy = {
  create: (_cluster, _type, object) => fine(withApiGroups(object)),
  update: (before, sent) => ({
    object: withApiGroups(sent),
    problems: roleBindingProblems(before, withApiGroups(sent)),
  }),
};

/** What the server does to built-in objects on their way in, where it is more than keeping them. */
const STRATEGIES: Readonly<Record<string, Strategy>> = {
  pods: { create: createPod, update: updatePod },
  nodes: { update: updateNode },
  secrets: { create: (_cluster, _type, object) => withDataChecked(withSecretData(object)), update: updateSecret },
  configmaps: {
    create: (_cluster, _type, object) => withDataChecked(object),
    update: (before, sent) => ({ object: sent, problems: [...dataProblems(sent), ...immutableProblems(before, sent)] }),
  },
  endpoints: alike((object) => fine(withPortProtocols(object))),
  namespaces: {
    create: createNamespace,
    update: (before, sent) => keepStatus(before, { ...withOwnLabel(sent), spec: before.spec }),
  },
  events: alike(prepareEvent),
  services: alike(prepareService),
  'leases.coordination.k8s.io': alike(prepareLease),
  'deployments.apps': WORKLOAD,
  'daemonsets.apps': WORKLOAD,
  'replicasets.apps': WORKLOAD,
  'rolebindings.rbac.authorization.k8s.io': ROLE_BINDING,
  'clusterrolebindings.rbac.authorization.k8s.io': ROLE_BINDING,
  'poddisruptionbudgets.policy': {
    create: (_cluster, _type, object) => ({ object, problems: podDisruptionProblems(object) }),
    update: keepStatus,
  },
  'customresourcedefinitions.apiextensions.k8s.io': {
    create: (_cluster, _type, object) => prepareNewCrd(object),
    update: prepareChangedCrd,
  },
};

export function prepareCreate(cluster: Cluster, type: ResourceType, sent: KubeObject): Prepared {
  const object = withoutEmpty(type, sent);
  return STRATEGIES[type.collection]?.create?.(cluster, type, object) ?? fine(object);
}

/** Through `status` only the status changes, and the labels and annotations that kubelets keep. */
function updateStatus(before: KubeObject, sent: KubeObject): Prepared {
  return fine({ ...before, metadata: sent.metadata, status: sent.status });
}

export function prepareUpdate(
  type: ResourceType,
  before: KubeObject,
  input: KubeObject,
  subresource?: string,
): Prepared {
  const sent = withoutEmpty(type, input);
  if (subresource === 'status') return updateStatus(before, sent);
  if (subresource === 'finalize') return fine(sent);
  return STRATEGIES[type.collection]?.update?.(before, sent, type) ?? fine(sent);
}
