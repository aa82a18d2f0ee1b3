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

const field = (text: string) => [`f:${text}`, {}] as const;
const owned = [
  'name',
  'image',
  'args',
  'ports',
  'env',
  'resources',
  'volumeMounts',
  'livenessProbe',
  'securityContext',
];
const managedFields = (manager: string) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: TIME,
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': Object.fromEntries(owned.map(field)) } } },
});

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

/** The nth pod of the cluster: about 4.4 KB of JSON with what a Deployment's pod ordinarily has. */
export function podText(index: number): PodText {
  const name = `app-6d4cf56db6-${index.toString(36).padStart(5, '0')}`;
  const address = `10.${244 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const names = ['app', 'sidecar'];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
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
      managedFields: ['kube-controller-manager', 'kubelet'].map(managedFields),
    },
    spec: {
      volumes: [{ name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
      containers: names.map(container),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      nodeName: `aks-nodepool1-12345678-vmss${(index % 100).toString().padStart(6, '0')}`,
      schedulerName: 'default-scheduler',
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    },
    status: status(address, names),
  };
  const [beforeVersion = '', rest = ''] = JSON.stringify(pod).split(VERSION);
  const [beforePhase = '', end = ''] = rest.split(PHASE);
  return { beforeVersion, beforePhase, end };
}

export function podJson(pod: PodText, version: number, phase: string): string {
  return `${pod.beforeVersion}${version}${pod.beforePhase}${phase}${pod.end}`;
}
