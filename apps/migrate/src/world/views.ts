import type { AzureIdentity, AzureIdentityBinding, AzurePodIdentityException } from '@aad-pod-identity/crd-types';

/** What the plan looks at of the cluster; nothing else of an object is kept. */

export interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** The controller that an object's `ownerReferences` name. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** A pod, or what a workload makes its pods from. */
export interface PodShape {
  readonly labels: Readonly<Record<string, string>>;
  /** `default` where none is named. */
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
}

export interface PodView extends Named, PodShape {
  readonly owner: OwnerReference | undefined;
}

export interface WorkloadView extends Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly uid: string;
  readonly owner: OwnerReference | undefined;
  readonly template: PodShape;
  /** Keys of the labels by which it knows its pods; they cannot be changed. */
  readonly selectorKeys: readonly string[];
  /** Whether it replaces its pods only when somebody deletes them. */
  readonly replacesOnDelete: boolean;
}

export interface ServiceAccountView extends Named {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Its fields beside `metadata`, which name Secrets and hold none. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An object that could be read, or why not. */
export type Readable<T> = Named & ({ readonly value: T } | { readonly problem: string });

export interface World {
  readonly pods: readonly PodView[];
  readonly workloads: readonly WorkloadView[];
  readonly serviceAccounts: readonly ServiceAccountView[];
  readonly identities: readonly Readable<AzureIdentity>[];
  readonly bindings: readonly Readable<AzureIdentityBinding>[];
  readonly exceptions: readonly Readable<AzurePodIdentityException>[];
}
