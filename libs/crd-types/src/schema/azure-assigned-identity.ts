import { KINDS } from '../group.ts';
import { type Field, optional, record, text, whole } from '../read/field.ts';
import type { JsonObject } from '../read/field-value.ts';
import { ok } from '../read/result.ts';
import {
  ASSIGNED_STATES,
  type AssignedState,
  type AzureAssignedIdentity,
  type AzureAssignedIdentitySpec,
  type AzureAssignedIdentityStatus,
} from '../types.ts';
import { azureIdentityField, identitySpecCopySchema } from './azure-identity.ts';
import { azureIdentityBindingField, bindingSpecCopySchema } from './azure-identity-binding.ts';
import { KEEP_UNKNOWN, apiVersion, conditions, kindField, lenient, meta } from './common.ts';
import { AGE, type Declaration, READY_COLUMNS } from './declaration.ts';

/** A whole object inside another: nothing of it may be pruned, and an old copy that lacks its kind stays writable. */
function copyOf<T>(field: Field<T>, description: string, spec: JsonObject): Field<T | undefined> {
  const anything = { type: 'object', ...KEEP_UNKNOWN };
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: anything,
    spec: { ...spec, properties: withoutBounds(spec.properties as Readonly<Record<string, JsonObject>>) },
    status: anything,
  };
  return { ...optional(field), schema: { description, type: 'object', properties, ...KEEP_UNKNOWN } };
}

/** A copy of an identity that was accepted once is never refused, whatever is asked of new ones. */
function withoutBounds(properties: Readonly<Record<string, JsonObject>>): JsonObject {
  const entries = Object.entries(properties).map(([name, schema]) => {
    const { minimum: _minimum, maximum: _maximum, maxLength: _maxLength, ...rest } = schema;
    return [name, rest] as const;
  });
  return Object.fromEntries(entries);
}

const spec = record<AzureAssignedIdentitySpec>(
  {
    azureIdentityRef: copyOf(azureIdentityField, 'A copy of the AzureIdentity.', identitySpecCopySchema),
    azureBindingRef: copyOf(azureIdentityBindingField, 'A copy of the AzureIdentityBinding.', bindingSpecCopySchema),
    pod: text({ description: 'Name of the pod.' }),
    podNamespace: text({ description: 'Namespace of the pod.' }),
    nodename: text({ description: 'Node that the pod runs on.' }),
    replicas: whole({
      description: 'Not used; kept for compatibility.',
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
      schema: { format: 'int32', nullable: true },
    }),
  },
  { description: 'Which identity was given to which pod.', schema: KEEP_UNKNOWN },
);

/** A state that is not known reads as none, so that MIC writes it anew. */
const state: Field<AssignedState | ''> = {
  schema: { description: 'Created, Assigned or Unassigned.', type: 'string' },
  read: (value) => ok(ASSIGNED_STATES.find((known) => known === value) ?? ''),
};

const status = lenient(
  record<AzureAssignedIdentityStatus>(
    {
      status: state,
      availableReplicas: whole({
        description: 'Not used; kept for compatibility.',
        min: Number.MIN_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
        schema: { format: 'int32' },
      }),
      conditions,
    },
    { description: 'How far the assignment has come.', schema: KEEP_UNKNOWN },
  ),
);

/** No status subresource may ever be declared for this kind: an old MIC patches `/status/status` on the object. */
export const azureAssignedIdentity: Declaration<AzureAssignedIdentity> = {
  names: KINDS.AzureAssignedIdentity,
  description: 'Written by MIC: an identity that a pod on a node may use. Not to be edited by hand.',
  field: record<AzureAssignedIdentity>({
    apiVersion,
    kind: kindField('AzureAssignedIdentity'),
    metadata: meta,
    spec,
    status,
  }),
  columns: [
    { name: 'Pod', type: 'string', jsonPath: '.spec.pod', description: 'Name of the pod.' },
    { name: 'Node', type: 'string', jsonPath: '.spec.nodename', description: 'Node that the pod runs on.' },
    {
      name: 'Identity',
      type: 'string',
      jsonPath: '.spec.azureIdentityRef.metadata.name',
      description: 'Name of the AzureIdentity.',
    },
    { name: 'State', type: 'string', jsonPath: '.status.status', description: 'How far the assignment has come.' },
    AGE,
    ...READY_COLUMNS,
  ],
};
