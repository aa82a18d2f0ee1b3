import type { AzureIdentity, AzureIdentityBinding } from '@aad-pod-identity/crd-types';

/**
 * How far a binding of a pod has come: `expected` = nothing recorded yet, `created` = recorded, being assigned to the
 * node's machine, `assigned` = usable, `never` = the identity is not valid as it is, so nobody assigns it.
 */
export type GrantState = 'expected' | 'created' | 'assigned' | 'never';

/** An identity that a pod may use, and the binding that says so. */
export interface Grant {
  readonly identity: AzureIdentity;
  readonly binding: AzureIdentityBinding;
  readonly state: GrantState;
}

/** `namespace/name`, for logs and order. */
export function nameOf({
  metadata,
}: {
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${metadata.namespace}/${metadata.name}`;
}
