import { KINDS } from '../group.ts';
import { type Field, record, text, texts, whole } from '../read/field.ts';
import { isObject } from '../read/field-value.ts';
import { ok, refuse } from '../read/result.ts';
import { MAX_RESOURCE_ID_LENGTH, RESOURCE_ID_FORM, RESOURCE_ID_PATTERN } from '../resource-id.ts';
import type { AzureIdentity, AzureIdentitySpec, ConditionsStatus, IdentityType, SecretReference } from '../types.ts';
import { KEEP_UNKNOWN, apiVersion, conditions, kindField, lenient, meta } from './common.ts';
import { AGE, READY_COLUMNS, type Declaration } from './declaration.ts';
import { eitherSpelling, withCapitalised } from './spellings.ts';

const MAX_INT32 = 2 ** 31 - 1;

const identityType = whole({
  description: '0 = user-assigned managed identity, 1 = service principal, 2 = service principal with a certificate.',
  min: 0,
  max: 2,
  schema: { minimum: 0, maximum: 2 },
}) as Field<IdentityType>;

const secretReference = record<SecretReference>(
  {
    name: text({ description: 'Name of the Secret.' }),
    namespace: text({ description: 'Namespace of the Secret.' }),
  },
  { description: 'The Secret that holds the password or certificate (types 1 and 2).', schema: KEEP_UNKNOWN },
);

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Also takes the reference as JSON in a text, as charts wrote it. Never quotes what it finds: it may be the password. */
const clientPassword: Field<SecretReference> = {
  ...secretReference,
  read: (value, path) => {
    if (typeof value !== 'string' || value.trim() === '') {
      return secretReference.read(typeof value === 'string' ? undefined : value, path);
    }
    const parsed = parseJson(value);
    if (parsed === null) return ok({ name: '', namespace: '' });
    if (isObject(parsed)) return secretReference.read(parsed, path);
    return refuse(path, 'a text', '{name, namespace} of a Secret, never the password itself');
  },
};

const [TYPE, RESOURCE_ID] = [eitherSpelling('type', '0'), eitherSpelling('resourceID', "''")];

/** The API server refuses only what can never work; an id is needed for type 0 alone, and there it may come later. */
const RESOURCE_ID_RULE = {
  rule: `${TYPE} != 0 || ${RESOURCE_ID} == '' || ${RESOURCE_ID}.matches('${RESOURCE_ID_PATTERN}')`,
  message: `spec.resourceID must have the form ${RESOURCE_ID_FORM}`,
};

const spec = record<AzureIdentitySpec>(
  {
    type: identityType,
    resourceID: text({
      description: `Azure resource id of the managed identity (type 0): ${RESOURCE_ID_FORM}, in any case.`,
      schema: { maxLength: MAX_RESOURCE_ID_LENGTH },
    }),
    clientID: text({ description: 'Client (application) id of the identity or service principal.' }),
    clientPassword,
    tenantID: text({ description: 'Tenant of the service principal (types 1 and 2).' }),
    auxiliaryTenantIDs: texts({ description: 'Further tenants; kept for compatibility.' }),
    adResourceID: text({ description: 'Not used: a token request names its resource. Kept for compatibility.' }),
    adEndpoint: text({ description: 'Authority to ask instead of the one of the cloud (types 1 and 2).' }),
    replicas: whole({
      description: 'Not used; kept for compatibility.',
      min: -MAX_INT32,
      max: MAX_INT32,
      schema: { format: 'int32', nullable: true },
    }),
  },
  {
    description: 'The Azure identity. Fields are read in any case.',
    schema: KEEP_UNKNOWN,
  },
);

/** Without the rules: copies of identities inside other objects are MIC's, and what it read is to be kept. */
export const identitySpecCopySchema = spec.schema;

const ruledSpec: Field<AzureIdentitySpec> = {
  ...spec,
  schema: withCapitalised({ ...spec.schema, 'x-kubernetes-validations': [RESOURCE_ID_RULE] }, [
    'type',
    'resourceID',
    'clientID',
  ]),
};

export const conditionsStatus: Field<ConditionsStatus> = lenient(
  record<ConditionsStatus>({ conditions }, { description: 'Written by MIC.', schema: KEEP_UNKNOWN }),
);

export const azureIdentityField = record<AzureIdentity>({
  apiVersion,
  kind: kindField('AzureIdentity'),
  metadata: meta,
  spec: ruledSpec,
  status: conditionsStatus,
});

export const azureIdentity: Declaration<AzureIdentity> = {
  names: KINDS.AzureIdentity,
  description: 'An Azure identity that pods may be given through an AzureIdentityBinding.',
  field: azureIdentityField,
  columns: [
    { name: 'Type', type: 'integer', jsonPath: '.spec.type', description: 'Type of the identity.' },
    { name: 'ClientID', type: 'string', jsonPath: '.spec.clientID', description: 'Client id of the identity.' },
    AGE,
    ...READY_COLUMNS,
  ],
  hasStatusPath: true,
};
