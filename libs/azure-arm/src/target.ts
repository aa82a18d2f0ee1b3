/** One compute resource that identities are assigned to: a VM, or a scale set with all its instances. */
export interface Target {
  readonly kind: 'vm' | 'vmss';
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const PROVIDER_ID =
  /^azure:\/\/\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/(?:virtualmachines\/([^/]+)|virtualmachinescalesets\/([^/]+)\/virtualmachines\/[^/]+)\/?$/i;

/** Reads a node's `spec.providerID`, in any case; undefined if it is empty or names no VM of Azure. */
export function parseProviderId(providerId: string): Target | undefined {
  const match = PROVIDER_ID.exec(providerId);
  const [, subscriptionId, resourceGroup, vm, scaleSet] = match ?? [];
  const name = vm ?? scaleSet;
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { kind: vm === undefined ? 'vmss' : 'vm', subscriptionId, resourceGroup, name };
}

const RESOURCE_TYPE = { vm: 'virtualMachines', vmss: 'virtualMachineScaleSets' } as const;

/** The resource id as ARM writes it. */
export function targetResourceId({ kind, subscriptionId, resourceGroup, name }: Target): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/${RESOURCE_TYPE[kind]}/${name}`;
}

/** One string per compute resource, whatever the case of the node's providerID. */
export function targetKey(target: Target): string {
  return targetResourceId(target).toLowerCase();
}
