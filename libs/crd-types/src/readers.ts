import { DECLARATIONS } from './crd.ts';
import type { Field } from './read/field.ts';
import { isObject } from './read/field-value.ts';
import { describe, type Read, refuse } from './read/result.ts';
import { meta } from './schema/common.ts';
import type {
  AzureAssignedIdentity,
  AzureIdentity,
  AzureIdentityBinding,
  AzurePodIdentityException,
  Meta,
} from './types.ts';

/** Reads a whole object. Never throws, not even where a getter of the input does. */
function reader<T>(field: Field<T>): (input: unknown) => Read<T> {
  return (input) => {
    if (!isObject(input)) return refuse('object', describe(input), 'an object');
    try {
      return field.read(input, '');
    } catch {
      return refuse('object', 'something that cannot be read', 'an object');
    }
  };
}

/**
 * Each reads an object in any spelling that was ever in use and gives its canonical form: missing and null texts are
 * `''`, missing numbers 0 (so a missing `type` is 0), missing lists empty. What is well-formed but cannot work is
 * accepted here and named by `validate.ts`.
 */
export const readAzureIdentity: (input: unknown) => Read<AzureIdentity> = reader(DECLARATIONS.AzureIdentity.field);
export const readAzureIdentityBinding: (input: unknown) => Read<AzureIdentityBinding> = reader(
  DECLARATIONS.AzureIdentityBinding.field,
);
export const readAzureAssignedIdentity: (input: unknown) => Read<AzureAssignedIdentity> = reader(
  DECLARATIONS.AzureAssignedIdentity.field,
);
export const readAzurePodIdentityException: (input: unknown) => Read<AzurePodIdentityException> = reader(
  DECLARATIONS.AzurePodIdentityException.field,
);

/** Only `metadata`: for an object whose other parts cannot be read and which must be named all the same. */
export function readMeta(input: unknown): Read<Meta> {
  const read = reader({
    schema: {},
    read: (object) => meta.read((object as { metadata?: unknown }).metadata, 'metadata'),
  });
  return read(input);
}
