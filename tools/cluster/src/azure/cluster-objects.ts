import type { KubernetesVersion } from '../bring/go-tools.ts';
import { DNS_ADDRESS } from '../plan/cluster-plan.ts';
import { RESOLVER_ADDRESS } from './addresses.ts';

/** Where the node has the certificate of the run's authority, and where every container finds it. */
export const CA_FILE = '/etc/kubernetes/azure-ca.pem';
const MOUNT = '/etc/ssl/simulated-azure.pem';
const VOLUME = 'simulated-azure-ca';

/** MutatingAdmissionPolicy by version of Kubernetes: what it is called there, and what turns it on. */
const POLICIES: Readonly<Record<KubernetesVersion, { version: string; gate: boolean }>> = {
  '1.33': { version: 'v1alpha1', gate: true },
  '1.35': { version: 'v1beta1', gate: true },
  '1.37': { version: 'v1', gate: false },
};

/** The `apiVersion` of a MutatingAdmissionPolicy. */
export const mutatingPolicyApi = (kubernetes: KubernetesVersion): string =>
  `admissionregistration.k8s.io/${POLICIES[kubernetes].version}`;

export interface PolicySettings {
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly runtimeConfig: readonly string[];
}

export function policySettings(kubernetes: KubernetesVersion): PolicySettings {
  const { version, gate } = POLICIES[kubernetes];
  if (!gate) return { featureGates: {}, runtimeConfig: [] };
  const runtimeConfig = [`admissionregistration.k8s.io/${version}=true`];
  return { featureGates: { MutatingAdmissionPolicy: true }, runtimeConfig };
}

/** Merged into the list of that name: each container has its own variables and mounts besides. */
function containers(list: 'containers' | 'initContainers'): string {
  const type = `Object.spec.${list}`;
  const variable = (name: string) => `${type}.env{name: "${name}", value: "${MOUNT}"}`;
  return `${list}: object.spec.?${list}.orValue([]).map(c, ${type}{
      name: c.name,
      env: [${variable('SSL_CERT_FILE')}, ${variable('NODE_EXTRA_CA_CERTS')}],
      volumeMounts: [${type}.volumeMounts{name: "${VOLUME}", mountPath: "${MOUNT}", readOnly: true}]
    })`;
}

const MUTATION = `Object{spec: Object.spec{
    volumes: [Object.spec.volumes{
      name: "${VOLUME}",
      hostPath: Object.spec.volumes.hostPath{path: "${CA_FILE}", type: "File"}
    }],
    ${containers('containers')},
    ${containers('initContainers')}
  }}`;

/** Makes every pod trust the run's authority, as every machine trusts Azure's: neither chart nor image knows of it. */
function trust(kubernetes: KubernetesVersion): object[] {
  const apiVersion = mutatingPolicyApi(kubernetes);
  const metadata = { name: 'trust-simulated-azure' };
  const podRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
  return [
    {
      ...{ apiVersion, kind: 'MutatingAdmissionPolicy', metadata },
      spec: {
        ...{ failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints: { resourceRules: podRules } },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: MUTATION } }],
      },
    },
    { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata, spec: { policyName: metadata.name } },
  ];
}

/** The cluster's DNS Service in front of the resolver, which stands where the names of production are. */
function dns(): object[] {
  const metadata = { name: 'kube-dns', namespace: 'kube-system' };
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: DNS_ADDRESS, ports } },
    {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports },
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
      endpoints: [{ addresses: [RESOLVER_ADDRESS], conditions: { ready: true } }],
    },
  ];
}

export function clusterObjects(kubernetes: KubernetesVersion): object {
  return { apiVersion: 'v1', kind: 'List', items: [...dns(), ...trust(kubernetes)] };
}
