import type { Cluster } from '../cluster.ts';
import { isRecord, type JsonRecord, listAt, recordAt, sameJson, stringAt, without } from '../json.ts';
import { type KubeObject, objectKey } from '../objects.ts';
import { type FieldProblem, forbidden, forbiddenField, required } from '../status-errors.ts';
import { generatedName } from '../writes/names.ts';
import type { ResourceType } from '../resource-types.ts';

const records = (values: readonly unknown[]): JsonRecord[] => values.filter(isRecord);

const CONTAINER_DEFAULTS = {
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

/** An image of no tag or of `latest` is pulled always. */
function pullPolicy(image: string): string {
  const tag = /:([^/@]+)(@|$)/.exec(image)?.[1];
  return (tag === undefined && !image.includes('@')) || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: unknown): unknown {
  if (!isRecord(probe)) return probe;
  const http = probe.httpGet;
  return {
    failureThreshold: 3,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
    ...probe,
    ...(isRecord(http) ? { httpGet: { path: '/', scheme: 'HTTP', ...http } } : {}),
  };
}

function defaultEnv(entry: JsonRecord): JsonRecord {
  const fieldRef = recordAt(entry, 'valueFrom').fieldRef;
  if (!isRecord(fieldRef)) return entry;
  return { ...entry, valueFrom: { ...recordAt(entry, 'valueFrom'), fieldRef: { apiVersion: 'v1', ...fieldRef } } };
}

function defaultContainer(container: JsonRecord): JsonRecord {
  const ports = records(listAt(container, 'ports'));
  const env = records(listAt(container, 'env'));
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => name in container);
  return {
    ...CONTAINER_DEFAULTS,
    imagePullPolicy: pullPolicy(stringAt(container, 'image')),
    ...container,
    ...(ports.length === 0 ? {} : { ports: ports.map((port) => ({ protocol: 'TCP', ...port })) }),
    ...(env.length === 0 ? {} : { env: env.map(defaultEnv) }),
    ...Object.fromEntries(probes.map((name) => [name, defaultProbe(container[name])])),
  };
}

const SPEC_DEFAULTS = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

/** Volume sources whose files get a mode when none is given. */
const MODED = ['secret', 'configMap', 'downwardAPI', 'projected'];

function defaultVolume(volume: JsonRecord): JsonRecord {
  const hostPath = volume.hostPath;
  const moded = MODED.filter((name) => isRecord(volume[name]));
  return {
    ...volume,
    ...(isRecord(hostPath) ? { hostPath: { type: '', ...hostPath } } : {}),
    ...Object.fromEntries(moded.map((name) => [name, { defaultMode: 420, ...recordAt(volume, name) }])),
  };
}

/** The defaults every pod spec gets, a template's too. */
export function defaultPodSpec(spec: JsonRecord): JsonRecord {
  const volumes = records(listAt(spec, 'volumes'));
  const groups = ['containers', 'initContainers'].filter((name) => Array.isArray(spec[name]));
  return {
    ...SPEC_DEFAULTS,
    ...spec,
    ...(volumes.length === 0 ? {} : { volumes: volumes.map(defaultVolume) }),
    ...Object.fromEntries(groups.map((name) => [name, records(listAt(spec, name)).map(defaultContainer)])),
    ...('serviceAccountName' in spec ? { serviceAccount: spec.serviceAccountName } : {}),
  };
}

const NODE_TOLERATIONS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
  effect: 'NoExecute',
  key,
  operator: 'Exists',
  tolerationSeconds: 300,
}));

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

function tokenVolume(name: string): JsonRecord {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    {
      downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] },
    },
  ];
  return { name, projected: { defaultMode: 420, sources } };
}

function withTokenVolume(spec: JsonRecord): JsonRecord {
  const containers = records(listAt(spec, 'containers'));
  const mounted = containers.some((c) =>
    listAt(c, 'volumeMounts').some((m) => stringAt(m, 'mountPath') === MOUNT_PATH),
  );
  if (mounted || spec.automountServiceAccountToken === false) return spec;
  const name = generatedName('kube-api-access-');
  const mount = { mountPath: MOUNT_PATH, name, readOnly: true };
  return {
    ...spec,
    containers: containers.map((container) => ({
      ...container,
      volumeMounts: [...listAt(container, 'volumeMounts'), mount],
    })),
    volumes: [...listAt(spec, 'volumes'), tokenVolume(name)],
  };
}

/** What admission adds to a pod: its service account, tolerations, priority. @throws ApiError 403 without account */
function admit(cluster: Cluster, type: ResourceType, pod: KubeObject, spec: JsonRecord): JsonRecord {
  const account = stringAt(spec, 'serviceAccountName') || 'default';
  const { namespace } = pod.metadata;
  if (cluster.storage.get('serviceaccounts', objectKey(namespace, account)) === undefined) {
    const where = `${namespace ?? ''}/${account}`;
    throw forbidden(
      type,
      pod.metadata.name,
      `error looking up service account ${where}: serviceaccount "${account}" not found`,
    );
  }
  const tolerations = listAt(spec, 'tolerations');
  const missing = NODE_TOLERATIONS.filter(({ key }) => !tolerations.some((t) => stringAt(t, 'key') === key));
  return withTokenVolume({
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    ...spec,
    serviceAccount: account,
    serviceAccountName: account,
    tolerations: [...tolerations, ...missing],
  });
}

/** Guaranteed and Burstable need requests; the rest is best effort. */
function qosClass(spec: JsonRecord): string {
  const resources = records(listAt(spec, 'containers')).map((container) => recordAt(container, 'resources'));
  const any = resources.some((r) => Object.keys({ ...recordAt(r, 'limits'), ...recordAt(r, 'requests') }).length > 0);
  if (!any) return 'BestEffort';
  const guaranteed = resources.every((r) => {
    const limits = recordAt(r, 'limits');
    return 'cpu' in limits && 'memory' in limits && sameJson(limits, { ...limits, ...recordAt(r, 'requests') });
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

export function podSpecProblems(spec: JsonRecord, path: string): FieldProblem[] {
  const containers = records(listAt(spec, 'containers'));
  if (containers.length === 0) return [required(`${path}.containers`)];
  return containers.flatMap((container, index) => [
    ...(stringAt(container, 'name') === '' ? [required(`${path}.containers[${index}].name`)] : []),
    ...(stringAt(container, 'image') === '' ? [required(`${path}.containers[${index}].image`)] : []),
  ]);
}

export function createPod(cluster: Cluster, type: ResourceType, pod: KubeObject) {
  const sent = recordAt(pod, 'spec');
  const problems = podSpecProblems(sent, 'spec');
  if (problems.length > 0) return { object: pod, problems };
  const spec = admit(cluster, type, pod, defaultPodSpec(sent));
  return { object: { ...pod, spec, status: { phase: 'Pending', qosClass: qosClass(spec) } }, problems };
}

const MUTABLE = ['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds', 'schedulingGates'];
const ONLY_THESE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function fixedPart(spec: JsonRecord): JsonRecord {
  const bare = (name: string): unknown => records(listAt(spec, name)).map((container) => without(container, 'image'));
  return { ...without(spec, ...MUTABLE), containers: bare('containers'), initContainers: bare('initContainers') };
}

/** A running pod's spec is fixed, but for a few fields. */
export function updatePod(before: KubeObject, sent: KubeObject) {
  const spec = defaultPodSpec(recordAt(sent, 'spec'));
  const fixed = sameJson(fixedPart(recordAt(before, 'spec')), fixedPart(spec));
  const same = fixed || sameJson(fixedPart(recordAt(before, 'spec')), fixedPart(recordAt(sent, 'spec')));
  const problems = same ? [] : [forbiddenField('spec', ONLY_THESE)];
  return { object: { ...sent, spec: fixed ? spec : recordAt(sent, 'spec'), status: before.status }, problems };
}
