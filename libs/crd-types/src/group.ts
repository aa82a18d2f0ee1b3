export const GROUP = 'aadpodidentity.k8s.io';
export const VERSION = 'v1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export interface Kind<Name extends string = string> {
  readonly kind: Name;
  readonly plural: string;
  readonly singular: string;
}

export const KINDS = {
  AzureIdentity: { kind: 'AzureIdentity', plural: 'azureidentities', singular: 'azureidentity' },
  AzureIdentityBinding: {
    kind: 'AzureIdentityBinding',
    plural: 'azureidentitybindings',
    singular: 'azureidentitybinding',
  },
  AzureAssignedIdentity: {
    kind: 'AzureAssignedIdentity',
    plural: 'azureassignedidentities',
    singular: 'azureassignedidentity',
  },
  AzurePodIdentityException: {
    kind: 'AzurePodIdentityException',
    plural: 'azurepodidentityexceptions',
    singular: 'azurepodidentityexception',
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** The pod label whose value a binding's selector must equal. */
export const POD_LABEL = 'aadpodidbinding';

/** The annotation, and its value, that keeps one identity to pods of its own namespace. */
export const BEHAVIOR_ANNOTATION = 'aadpodidentity.k8s.io/Behavior';
export const NAMESPACED_BEHAVIOR = 'namespaced';

/** On the workloads of MIC and NMI: `"true"` while an uninstall goes on, and they let everything go. */
export const UNINSTALL_ANNOTATION = 'aadpodidentity.k8s.io/uninstall';

/** What 1.8.17 puts on its AzureAssignedIdentities; ours need none. */
export const LEGACY_FINALIZER = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';
