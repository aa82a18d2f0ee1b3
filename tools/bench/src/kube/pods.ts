/** A pod as the server sends it, cut where each event differs. All characters are ASCII. */
export interface PodText {
  readonly beforeVersion: string;
  readonly beforePhase: string;
  readonly end: string;
}

const VERSION = '@version@';
const PHASE = '@phase@';
const TIME = '2026-01-25T09:55:08Z';

const variable = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

function container(name: string) {
  return {
    name,
    image: `registry.example.com/team/${name}:v1.24.3@sha256:${'4f'.repeat(32)}`,
    args: ['--listen=0.0.0.0:8080', '--log-format=json', '--shutdown-grace=25s'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [variable('POD_NAME', 'metadata.name'), variable('POD_IP', 'status.podIP'), { name: 'MODE', value: 'prod' }],
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io' }],
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
    },
    terminationMessagePath: '/dev/termination-log',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
  };
}

const owning = (...names: string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
const ownedContainer = {
  '.': {},
  ...owning('args', 'image', 'imagePullPolicy', 'name', 'resources', 'securityContext', 'terminationMessagePath'),
  'f:ports': { '.': {}, 'k:{"containerPort":8080,"protocol":"TCP"}': owning('containerPort', 'name', 'protocol') },
};
const ownedCondition = { '.': {}, ...owning('lastProbeTime', 'lastTransitionTime', 'status', 'type') };

/** Who set which field, by name: what a controller that creates pods and a kubelet leave behind. */
const managedFields = [
  { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', time: TIME, fieldsType: 'FieldsV1' },
  { manager: 'kubelet', operation: 'Update', apiVersion: 'v1', time: TIME, fieldsType: 'FieldsV1' },
].map((entry, index) => ({ ...entry, fieldsV1: [ownedByController(), ownedByKubelet()][index] }));

function ownedByController() {
  return {
    'f:metadata': {
      'f:generateName': {},
      'f:labels': { '.': {}, ...owning('app', 'pod-template-hash', 'aadpodidbinding') },
      'f:ownerReferences': { '.': {}, 'k:{"uid":"a3f1"}': {} },
    },
    'f:spec': {
      'f:containers': { 'k:{"name":"app"}': ownedContainer },
      ...owning('dnsPolicy', 'enableServiceLinks', 'restartPolicy', 'schedulerName', 'terminationGracePeriodSeconds'),
    },
  };
}

function ownedByKubelet() {
  const types = ['ContainersReady', 'Initialized', 'Ready'];
  return {
    'f:status': {
      'f:conditions': Object.fromEntries(types.map((type) => [`k:{"type":"${type}"}`, ownedCondition])),
      ...owning('containerStatuses', 'hostIP', 'phase', 'podIP', 'startTime'),
      'f:podIPs': { '.': {}, 'k:{"ip":"10.244.0.5"}': { '.': {}, 'f:ip': {} } },
    },
  };
}

const condition = (type: string) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: TIME });

function status(address: string, names: readonly string[]) {
  return {
    phase: PHASE,
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    hostIP: '10.240.0.4',
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: TIME,
    containerStatuses: names.map((name) => ({
      name,
      state: { running: { startedAt: TIME } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: `registry.example.com/team/${name}:v1.24.3`,
      containerID: `containerd://${'c0'.repeat(32)}`,
      started: true,
    })),
    qosClass: 'Burstable',
  };
}

function metadata(index: number) {
  return {
    name: `app-6d4cf56db6-${index.toString(36).padStart(5, '0')}`,
    generateName: 'app-6d4cf56db6-',
    namespace: `team-${index % 50}`,
    uid: `6f2c1a52-8a3b-4c55-9d1e-${index.toString(16).padStart(12, '0')}`,
    resourceVersion: VERSION,
    creationTimestamp: TIME,
    labels: { app: 'app', 'pod-template-hash': '6d4cf56db6', aadpodidbinding: `identity-${index % 100}` },
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app-6d4cf56db6', uid: 'a3f1', controller: true },
    ],
    managedFields,
  };
}

function spec(index: number) {
  return {
    volumes: [{ name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    containers: [container('app')],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    nodeName: `aks-nodepool1-12345678-vmss${(index % 100).toString().padStart(6, '0')}`,
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((name) => ({
      key: `node.kubernetes.io/${name}`,
      ...{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    })),
  };
}

/** The nth pod of the cluster: about 4.4 KB of JSON with what a Deployment's pod ordinarily has. */
export function podText(index: number): PodText {
  const address = `10.${244 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const parts = { metadata: metadata(index), spec: spec(index), status: status(address, ['app']) };
  const [beforeVersion = '', rest = ''] = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...parts }).split(VERSION);
  const [beforePhase = '', end = ''] = rest.split(PHASE);
  return { beforeVersion, beforePhase, end };
}

export function podJson(pod: PodText, version: number, phase: string): string {
  return `${pod.beforeVersion}${version}${pod.beforePhase}${phase}${pod.end}`;
}
