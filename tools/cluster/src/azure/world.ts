import type { InitialState } from '@aad-pod-identity/testing/azure';

/** What Azure holds around the node, unless the caller says otherwise. */
const SUBSCRIPTION = 'c0ffee00-1111-4222-8333-444455556666';
const TENANT = '7e4a47aa-2222-4333-8444-555566667777';
const RESOURCE_GROUP = 'MC_test_test_simulated';
const SCALE_SET = 'aks-nodepool1-12345678-vmss';
const MIC_APP = { clientId: '3d1f6c52-3333-4444-8555-666677778888', secret: 'password-of-the-simulated-mic' };

/** The node is the first machine of its scale set. */
export const PROVIDER_ID = [
  `azure:///subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}`,
  `providers/Microsoft.Compute/virtualMachineScaleSets/${SCALE_SET}/virtualMachines/0`,
].join('/');

export const DEFAULT_STATE: InitialState = {
  subscriptionId: SUBSCRIPTION,
  tenantId: TENANT,
  scaleSets: [{ resourceGroup: RESOURCE_GROUP, name: SCALE_SET, instances: 1 }],
  apps: [MIC_APP],
};

/** `/etc/kubernetes/azure.json` of the node. */
export const CLOUD_CONFIG = {
  cloud: 'AzurePublicCloud',
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: RESOURCE_GROUP,
  ...{ aadClientId: MIC_APP.clientId, aadClientSecret: MIC_APP.secret },
  ...{ vmType: 'vmss', primaryScaleSetName: SCALE_SET },
};
