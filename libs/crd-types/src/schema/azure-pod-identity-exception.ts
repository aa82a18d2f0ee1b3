import { KINDS } from '../group.ts';
import { dictionary, record } from '../read/field.ts';
import type { AzurePodIdentityException } from '../types.ts';
import { KEEP_UNKNOWN, apiVersion, kindField, meta } from './common.ts';
import type { Declaration } from './declaration.ts';

const spec = record<AzurePodIdentityException['spec']>(
  {
    podLabels: dictionary({
      description:
        'Pods in the namespace of this object with one of these labels reach the metadata service untouched.',
    }),
  },
  { description: 'Which pods are excepted.', schema: KEEP_UNKNOWN },
);

export const azurePodIdentityException: Declaration<AzurePodIdentityException> = {
  names: KINDS.AzurePodIdentityException,
  description:
    'Pods whose token requests are answered from the metadata service of the node, with any of its identities.',
  field: record<AzurePodIdentityException>({
    apiVersion,
    kind: kindField('AzurePodIdentityException'),
    metadata: meta,
    spec,
  }),
  columns: [],
};
