import { type KubernetesVersion, mutatingPolicyApi } from '@aad-pod-identity/cluster';
import { imageName, type App } from './images.ts';

/** The least that MIC and NMI need to run, until the chart installs them. Names and labels are those of the seed. */
const NAMESPACE = 'default';
const MIC = 'aad-pod-id-mic-service-account';
const NMI = 'aad-pod-id-nmi-service-account';

const rule = (group: string, resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups: [group],
  resources,
  verbs,
});
const CRDS = ['azureidentities', 'azureidentitybindings', 'azureassignedidentities', 'azurepodidentityexceptions'];
const READ = ['get', 'list', 'watch'];

const RULES = {
  mic: [
    rule('', ['pods', 'nodes'], READ),
    rule('', ['events'], ['create', 'patch']),
    rule('', ['configmaps'], [...READ, 'create', 'patch', 'delete']),
    rule('', ['endpoints'], ['get', 'create', 'update']),
    rule('coordination.k8s.io', ['leases'], ['get', 'create', 'update']),
    rule('aadpodidentity.k8s.io', CRDS, [...READ, 'create', 'update', 'patch', 'delete']),
    rule('aadpodidentity.k8s.io', ['azureidentities/status'], ['patch']),
  ],
  nmi: [
    rule('', ['pods'], READ),
    rule('', ['secrets'], ['get']),
    rule('apps', ['daemonsets'], READ),
    rule('aadpodidentity.k8s.io', CRDS, READ),
  ],
};

function account(name: string, rules: readonly object[]): object[] {
  const metadata = { name: `aad-pod-id-${name}` };
  const serviceAccount = `aad-pod-id-${name}-service-account`;
  const [rbac, role] = ['rbac.authorization.k8s.io', 'ClusterRole'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace: NAMESPACE } },
    { apiVersion: `${rbac}/v1`, kind: role, metadata, rules },
    {
      ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata },
      roleRef: { apiGroup: rbac, kind: role, name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: NAMESPACE }],
    },
  ];
}

const fieldEnv = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

function container(app: App, rest: object): object {
  return { name: app, image: imageName(app), imagePullPolicy: 'Never', ...rest };
}

const hostPath = (name: string, path: string, type: string) => ({ name, hostPath: { path, type } });

/** The next NMI of a node starts before this one ends, so that none of the node's pods waits for a token. */
const SURGE = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

function podTemplate(labels: Readonly<Record<string, string>>, spec: object) {
  return { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } };
}

function mic(flags: readonly string[]): object {
  const security = { runAsUser: 0, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const own = container('mic', {
    args: ['--cloudconfig=/etc/kubernetes/azure.json', ...flags],
    env: [fieldEnv('MIC_POD_NAMESPACE', 'metadata.namespace')],
    securityContext: { ...security, allowPrivilegeEscalation: false },
    volumeMounts: [{ name: 'azure', mountPath: '/etc/kubernetes/azure.json', readOnly: true }],
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 },
  });
  const volumes = [hostPath('azure', '/etc/kubernetes/azure.json', 'File')];
  const labels = { component: 'mic', 'k8s-app': 'aad-pod-id' };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'mic', namespace: NAMESPACE, labels } },
    spec: { replicas: 1, ...podTemplate(labels, { serviceAccountName: MIC, containers: [own], volumes }) },
  };
}

function nmi(flags: readonly string[], capabilities: readonly string[]): object {
  const security = { runAsUser: 0, readOnlyRootFilesystem: true };
  const own = container('nmi', {
    args: ['--node=$(NODENAME)', '--http-probe-port=8085', `--daemonset=${NAMESPACE}/nmi`, ...flags],
    env: [fieldEnv('NODENAME', 'spec.nodeName')],
    securityContext: { ...security, capabilities: { drop: ['ALL'], add: capabilities } },
    volumeMounts: [{ name: 'lock', mountPath: '/run/xtables.lock' }],
    readinessProbe: { httpGet: { path: '/readyz', port: 8085 }, periodSeconds: 2 },
  });
  const labels = { component: 'nmi', tier: 'node' };
  const spec = {
    ...{ serviceAccountName: NMI, hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
    ...{ containers: [own], tolerations: [{ operator: 'Exists' }] },
    volumes: [hostPath('lock', '/run/xtables.lock', 'FileOrCreate')],
  };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'nmi', namespace: NAMESPACE, labels } },
    spec: { updateStrategy: SURGE, ...podTemplate(labels, spec) },
  };
}

export interface WorkloadOptions {
  readonly micFlags?: readonly string[];
  readonly nmiFlags?: readonly string[];
  readonly nmiCapabilities?: readonly string[];
}

export function workloads({
  micFlags = [],
  nmiFlags = [],
  nmiCapabilities = ['NET_ADMIN'],
}: WorkloadOptions = {}): object[] {
  const accounts = [...account('mic', RULES.mic), ...account('nmi', RULES.nmi)];
  return [...accounts, mic(micFlags), nmi(nmiFlags, nmiCapabilities)];
}

/** Images of the tests are on the node and in no registry, whatever tag a manifest gives them. */
export function neverPull(kubernetes: KubernetesVersion): object[] {
  const apiVersion = mutatingPolicyApi(kubernetes);
  const metadata = { name: 'images-are-on-the-node' };
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
  const expression =
    'Object{spec: Object.spec{containers: object.spec.containers.map(c, ' +
    'Object.spec.containers{name: c.name, imagePullPolicy: "IfNotPresent"})}}';
  return [
    {
      ...{ apiVersion, kind: 'MutatingAdmissionPolicy', metadata },
      spec: {
        ...{ failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints: { resourceRules: rules } },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
      },
    },
    { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata, spec: { policyName: metadata.name } },
  ];
}
