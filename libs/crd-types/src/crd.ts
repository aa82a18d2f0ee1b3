import { GROUP, VERSION, type KindName } from './group.ts';
import type { JsonObject } from './read/field-value.ts';
import { azureAssignedIdentity } from './schema/azure-assigned-identity.ts';
import { azureIdentity } from './schema/azure-identity.ts';
import { azureIdentityBinding } from './schema/azure-identity-binding.ts';
import { azurePodIdentityException } from './schema/azure-pod-identity-exception.ts';
import type { Declaration } from './schema/declaration.ts';

export const DECLARATIONS = {
  AzureIdentity: azureIdentity,
  AzureIdentityBinding: azureIdentityBinding,
  AzureAssignedIdentity: azureAssignedIdentity,
  AzurePodIdentityException: azurePodIdentityException,
} as const satisfies Record<KindName, Declaration<unknown>>;

/** The API server demands it of every group under k8s.io. */
const APPROVAL = { 'api-approved.kubernetes.io': 'unapproved, a group in use since before approval was asked for' };

/** The CustomResourceDefinition of one kind, as a plain object. */
export function customResourceDefinition(kind: KindName): JsonObject {
  const { names, description, field, columns, hasStatusPath }: Declaration<unknown> = DECLARATIONS[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}`, annotations: APPROVAL },
    spec: {
      group: GROUP,
      names: { kind, listKind: `${kind}List`, plural: names.plural, singular: names.singular },
      scope: 'Namespaced',
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          ...(hasStatusPath ? { subresources: { status: {} } } : {}),
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          schema: { openAPIV3Schema: { description, ...field.schema } },
        },
      ],
    },
  };
}
