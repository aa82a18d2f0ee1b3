import type { Target } from '@aad-pod-identity/azure-arm';
import type { AssignedState, AzureIdentity, AzureIdentityBinding, Condition } from '@aad-pod-identity/crd-types';

/** What MIC keeps of each object. Whatever is not here cannot cause work when it changes. */

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Empty until the pod is scheduled. */
  readonly node: string;
  /** The value of `aadpodidbinding`. */
  readonly label: string;
  readonly serviceAccount: string;
  /** On the node's own network: NMI cannot tell it from others. */
  readonly hostNetwork: boolean;
  /** Succeeded or Failed: it will never ask for a token again. */
  readonly finished: boolean;
}

export interface NodeView {
  readonly name: string;
  /** Undefined while the node has no providerID that names a VM of Azure. */
  readonly target: Target | undefined;
  /** Whether it has the startup taint still. */
  readonly isStarting: boolean;
}

/** An identity or a binding that was read, or the reason why it could not be. */
export type Readable<T> =
  | { readonly namespace: string; readonly name: string; readonly value: T }
  | { readonly namespace: string; readonly name: string; readonly uid: string; readonly problem: string };

/** What the cluster says of an identity besides what it is. It is mostly MIC's own, so its changes cause no other work. */
export interface Said {
  readonly uid: string;
  readonly generation: number;
  readonly conditions: readonly Condition[];
}

export type IdentityView = Readable<AzureIdentity> & { readonly said?: Said };

/** A pod of NMI that runs on a node. */
export interface NmiView {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Whether its node's pods can have tokens. */
  readonly isReady: boolean;
}

/** An AzureAssignedIdentity as it is in the cluster. */
export interface RecordView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
  /** Somebody deleted it, and a finalizer still holds it. */
  readonly deleting: boolean;
  readonly pod: string;
  readonly podNamespace: string;
  readonly node: string;
  readonly identity: AzureIdentity | undefined;
  readonly binding: AzureIdentityBinding | undefined;
  readonly state: AssignedState | '';
  readonly ready: Condition | undefined;
}
