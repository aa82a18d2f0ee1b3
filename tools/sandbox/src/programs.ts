import { join } from 'node:path';
import type { Command } from './child.ts';
import { demo } from './demo.ts';
import type { RunFolder } from './run-folder.ts';

const root = join(import.meta.dirname, '../../..');
const at = (path: string) => join(root, path);

export const NODE_NAME = 'aks-nodepool1-12345678-vmss000000';

/** Ports of 127.0.0.1. */
export interface Ports {
  readonly nmi: number;
  readonly nmiProbe: number;
  readonly nmiMetrics: number;
  readonly micProbe: number;
  readonly micMetrics: number;
}

/** The simulated Kubernetes API, over TLS, with the project's CRDs installed. */
export function kubernetesCommand(folder: RunFolder, token: string): Command {
  return {
    name: 'kubernetes',
    args: [
      at('libs/testing/src/kubernetes/main.ts'),
      ...[`--tls-cert=${folder.kubernetesCert}`, `--tls-key=${folder.kubernetesKey}`, `--ca=${folder.caCert}`],
      ...[`--kubeconfig-out=${folder.kubeconfig}`, `--crds=${at('charts/aad-pod-identity/crds')}`],
      ...[`--log-dir=${folder.podLogs}`, '--exit-with-parent'],
    ],
    // not among the arguments, which every user of the machine can read
    env: { KUBERNETES_SIMULATOR_TOKEN: token },
    logFile: folder.log('kubernetes'),
  };
}

/** Simulated Entra ID, ARM and IMDS, holding just what the examples name. */
export function azureCommand(folder: RunFolder, armDelay: string): Command {
  return {
    name: 'azure',
    args: [
      at('libs/testing/src/azure/main.ts'),
      ...[`--ca-cert=${folder.caCert}`, `--ca-key=${folder.caKey}`, `--state=${folder.azureState}`],
      ...[`--environment-out=${folder.environment}`, `--arm-delay=${armDelay}`, '--exit-with-parent'],
    ],
    env: {},
    logFile: folder.log('azure'),
  };
}

/** What both programs are told of the clouds: where they are, and whom to trust. */
const cloudEnvironment = (folder: RunFolder) => ({
  KUBECONFIG: folder.kubeconfig,
  AZURE_ENVIRONMENT_FILEPATH: folder.environment,
  NODE_EXTRA_CA_CERTS: folder.caCert,
});

export function micCommand(folder: RunFolder, ports: Ports): Command {
  return {
    name: 'mic',
    args: [
      at('apps/mic/src/main.ts'),
      ...[`--cloudconfig=${folder.cloudConfig}`, '--leader-election-instance=sandbox'],
      ...[`--http-probe-port=${ports.micProbe}`, `--prometheus-port=${ports.micMetrics}`],
    ],
    env: { ...cloudEnvironment(folder), MIC_POD_NAMESPACE: 'default' },
    logFile: folder.log('mic'),
  };
}

export function nmiCommand(folder: RunFolder, ports: Ports, imdsPort: number): Command {
  return {
    name: 'nmi',
    args: [
      at('apps/nmi/src/main.ts'),
      ...[`--node=${NODE_NAME}`, '--redirection=none'],
      ...['--nmi-listen-address=127.0.0.1', `--nmi-port=${ports.nmi}`],
      ...['--metadata-ip=127.0.0.1', `--metadata-port=${imdsPort}`],
      ...[`--http-probe-port=${ports.nmiProbe}`, `--prometheus-port=${ports.nmiMetrics}`],
    ],
    env: { ...cloudEnvironment(folder), CLOUD: 'AzureStackCloud' },
    logFile: folder.log('nmi'),
  };
}

const [, subscriptionId = '', , resourceGroup = ''] = demo.managedIdentity.resourceId.split('/').slice(1);
const MIC_APP = { clientId: '3d1f6c52-0b7e-4f0a-9c55-6a2e8d4b7f10', secret: 'password-of-the-sandbox-mic' };

/** The node's Azure resource, the examples' identities, and the application that MIC signs in as. */
export const azureState = {
  subscriptionId,
  tenantId: demo.servicePrincipal.tenantId,
  scaleSets: [{ resourceGroup, name: 'aks-nodepool1-12345678-vmss', instances: 1 }],
  identities: [{ resourceGroup, name: demo.managedIdentity.name, clientId: demo.managedIdentity.clientId }],
  apps: [
    { clientId: demo.servicePrincipal.clientId, secret: demo.servicePrincipal.secret },
    { clientId: MIC_APP.clientId, secret: MIC_APP.secret },
  ],
};

/** `/etc/kubernetes/azure.json` of a node. */
export const cloudConfig = {
  cloud: 'AzureStackCloud',
  tenantId: demo.servicePrincipal.tenantId,
  subscriptionId,
  resourceGroup,
  aadClientId: MIC_APP.clientId,
  aadClientSecret: MIC_APP.secret,
  vmType: 'vmss',
};

/** Where the sandbox's one node is in Azure. */
export const PROVIDER_ID = `azure:///subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-12345678-vmss/virtualMachines/0`;
