/** The parts of an object's metadata that MIC and NMI look at; texts that are not there are `''`. */
export interface Meta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** One entry of `status.conditions`, in the usual Kubernetes form. */
export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** RFC 3339. */
  readonly lastTransitionTime: string;
  /** The `metadata.generation` that was judged, where that is said. */
  readonly observedGeneration?: number | undefined;
}

export interface ConditionsStatus {
  readonly conditions: readonly Condition[];
}

/** 0 = user-assigned managed identity, 1 = service principal with a secret, 2 = with a certificate. */
export const IDENTITY_TYPES = [0, 1, 2] as const;
export type IdentityType = (typeof IDENTITY_TYPES)[number];

export interface SecretReference {
  readonly name: string;
  readonly namespace: string;
}

export interface AzureIdentitySpec {
  readonly type: IdentityType;
  /** ARM id of a user-assigned managed identity (type 0). */
  readonly resourceID: string;
  readonly clientID: string;
  /** The Secret that holds the password or certificate (types 1 and 2). */
  readonly clientPassword: SecretReference;
  readonly tenantID: string;
  readonly auxiliaryTenantIDs: readonly string[];
  readonly adResourceID: string;
  readonly adEndpoint: string;
  readonly replicas: number;
}

export interface AzureIdentity {
  readonly apiVersion: string;
  readonly kind: 'AzureIdentity';
  readonly metadata: Meta;
  readonly spec: AzureIdentitySpec;
  readonly status: ConditionsStatus;
}

export interface AzureIdentityBindingSpec {
  /** Name of an AzureIdentity in the binding's own namespace. */
  readonly azureIdentity: string;
  /** The value of the pods' label `aadpodidbinding`. */
  readonly selector: string;
  readonly weight: number;
  /** If not empty, only pods that run as one of these service accounts are bound. */
  readonly serviceAccountNames: readonly string[];
}

export interface AzureIdentityBinding {
  readonly apiVersion: string;
  readonly kind: 'AzureIdentityBinding';
  readonly metadata: Meta;
  readonly spec: AzureIdentityBindingSpec;
  readonly status: ConditionsStatus;
}

export const ASSIGNED_STATES = ['Created', 'Assigned', 'Unassigned'] as const;
export type AssignedState = (typeof ASSIGNED_STATES)[number];

export interface AzureAssignedIdentitySpec {
  /** Full copies of the identity and the binding, as they were when this was written. */
  readonly azureIdentityRef: AzureIdentity | undefined;
  readonly azureBindingRef: AzureIdentityBinding | undefined;
  readonly pod: string;
  readonly podNamespace: string;
  readonly nodename: string;
  readonly replicas: number;
}

export interface AzureAssignedIdentityStatus extends ConditionsStatus {
  /** `''` where nothing, or nothing known, was written. */
  readonly status: AssignedState | '';
  readonly availableReplicas: number;
}

export interface AzureAssignedIdentity {
  readonly apiVersion: string;
  readonly kind: 'AzureAssignedIdentity';
  readonly metadata: Meta;
  readonly spec: AzureAssignedIdentitySpec;
  readonly status: AzureAssignedIdentityStatus;
}

export interface AzurePodIdentityException {
  readonly apiVersion: string;
  readonly kind: 'AzurePodIdentityException';
  readonly metadata: Meta;
  readonly spec: { readonly podLabels: Readonly<Record<string, string>> };
}
