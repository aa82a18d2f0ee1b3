import { API_VERSION, POD_LABEL } from '@aad-pod-identity/crd-types';

/** Plain objects as the API server returns them, with defaults that make them work together; a test names what matters. */
type Labels = Record<string, string>;

interface Named {
  name?: string;
  namespace?: string;
  labels?: Labels;
  annotations?: Labels;
}

export const SUBSCRIPTION = '00000000-0000-4000-8000-000000000001';
export const RESOURCE_GROUP = 'nodes';

function metadata({ name = 'demo', namespace = 'default', labels, annotations }: Named) {
  return {
    name,
    namespace,
    uid: `uid-${namespace}-${name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

export interface PodOptions extends Named {
  /** The value of the label `aadpodidbinding`. */
  label?: string;
  node?: string;
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  ip?: string;
  hostNetwork?: boolean;
  serviceAccount?: string;
}

export function pod(options: PodOptions = {}) {
  const { node = 'node-0', phase = 'Running', ip = '10.244.0.9', hostNetwork, serviceAccount = 'default' } = options;
  const labels = options.label === undefined ? options.labels : { [POD_LABEL]: options.label, ...options.labels };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata({ ...options, ...(labels === undefined ? {} : { labels }) }),
    spec: {
      nodeName: node,
      serviceAccountName: serviceAccount,
      containers: [{ name: 'demo', image: 'demo' }],
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
    },
    status: { phase, podIP: ip, podIPs: [{ ip }] },
  };
}

export interface NodeOptions {
  name?: string;
  /** Wins over `vm` and `scaleSet`; may be empty. */
  providerID?: string;
  /** The name of the VM that the node is; the node's own name by default. */
  vm?: string;
  scaleSet?: { name: string; instance: number };
}

function providerIdOf({ name = 'node-0', vm = name, scaleSet }: NodeOptions): string {
  const prefix = `azure:///subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Compute`;
  return scaleSet === undefined
    ? `${prefix}/virtualMachines/${vm}`
    : `${prefix}/virtualMachineScaleSets/${scaleSet.name}/virtualMachines/${scaleSet.instance}`;
}

export function node(options: NodeOptions = {}) {
  const { name = 'node-0', providerID = providerIdOf(options) } = options;
  const { namespace: _namespace, ...rest } = metadata({ name });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: rest,
    spec: { ...(providerID === '' ? {} : { providerID }) },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export function identityResourceId(name: string, resourceGroup = RESOURCE_GROUP): string {
  return `/subscriptions/${SUBSCRIPTION}/resourcegroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

export interface AzureIdentityOptions extends Named {
  /** Laid over the defaults of a type 0 identity, whose resource is called as the object is. */
  spec?: Record<string, unknown>;
}

export function azureIdentity(options: AzureIdentityOptions = {}) {
  const { name = 'demo' } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'AzureIdentity',
    metadata: metadata(options),
    spec: { type: 0, resourceID: identityResourceId(name), clientID: `client-${name}`, ...options.spec },
  };
}

export interface AzureIdentityBindingOptions extends Named {
  /** Name of the AzureIdentity; the binding's own name by default. */
  identity?: string;
  selector?: string;
  spec?: Record<string, unknown>;
}

export function azureIdentityBinding(options: AzureIdentityBindingOptions = {}) {
  const { name = 'demo', identity = name, selector = name } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'AzureIdentityBinding',
    metadata: metadata(options),
    spec: { azureIdentity: identity, selector, ...options.spec },
  };
}

export interface AzureAssignedIdentityOptions {
  pod?: string;
  podNamespace?: string;
  node?: string;
  identity?: ReturnType<typeof azureIdentity>;
  binding?: ReturnType<typeof azureIdentityBinding>;
  namespace?: string;
  name?: string;
  state?: 'Created' | 'Assigned' | 'Unassigned';
}

export function azureAssignedIdentity(options: AzureAssignedIdentityOptions = {}) {
  const { podNamespace = 'default', node: nodename = 'node-0', state = 'Assigned', namespace = 'default' } = options;
  const { pod: podName = 'demo', identity = azureIdentity(), binding = azureIdentityBinding() } = options;
  const { name = `${podName}-${podNamespace}-${identity.metadata.name}` } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'AzureAssignedIdentity',
    metadata: metadata({ name, namespace, labels: { nodename } }),
    spec: { azureIdentityRef: identity, azureBindingRef: binding, pod: podName, podNamespace, nodename },
    status: { status: state, availableReplicas: 1 },
  };
}

/** `values` are the plain texts of a Secret whose `data` holds them in base64. */
export function secret(options: Named & { values?: Labels; type?: string } = {}) {
  const entries = Object.entries(options.values ?? { password: 'secret' });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(options),
    type: options.type ?? 'Opaque',
    data: Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}
