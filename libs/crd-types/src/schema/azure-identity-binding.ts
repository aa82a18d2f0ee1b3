import { KINDS } from '../group.ts';
import { type Field, record, text, texts, whole } from '../read/field.ts';
import type { AzureIdentityBinding, AzureIdentityBindingSpec } from '../types.ts';
import { conditionsStatus } from './azure-identity.ts';
import { KEEP_UNKNOWN, apiVersion, kindField, meta } from './common.ts';
import { AGE, type Declaration } from './declaration.ts';
import { withCapitalised } from './spellings.ts';

const spec = record<AzureIdentityBindingSpec>(
  {
    azureIdentity: text({ description: "Name of an AzureIdentity in the binding's own namespace." }),
    selector: text({ description: "Value of the pods' label aadpodidbinding; an empty one matches no pod." }),
    weight: whole({
      description: 'Of several identities that a pod may use, the one with the highest weight is preferred.',
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
    }),
    serviceAccountNames: texts({
      description: 'If given, only pods that run as one of these service accounts are bound.',
    }),
  },
  { description: 'Which pods may use which identity. Fields are read in any case.', schema: KEEP_UNKNOWN },
);

export const bindingSpecCopySchema = spec.schema;

const ruledSpec: Field<AzureIdentityBindingSpec> = {
  ...spec,
  schema: withCapitalised(spec.schema, ['azureIdentity', 'selector']),
};

export const azureIdentityBindingField = record<AzureIdentityBinding>({
  apiVersion,
  kind: kindField('AzureIdentityBinding'),
  metadata: meta,
  spec: ruledSpec,
  status: conditionsStatus,
});

export const azureIdentityBinding: Declaration<AzureIdentityBinding> = {
  names: KINDS.AzureIdentityBinding,
  description: 'Lets the pods with a label use an AzureIdentity.',
  field: azureIdentityBindingField,
  columns: [
    {
      name: 'AzureIdentity',
      type: 'string',
      jsonPath: '.spec.azureIdentity',
      description: 'Name of the AzureIdentity.',
    },
    { name: 'Selector', type: 'string', jsonPath: '.spec.selector', description: 'Value of the label.' },
    AGE,
  ],
};
