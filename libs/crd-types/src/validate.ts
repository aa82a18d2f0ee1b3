import { RESOURCE_ID_FORM, resourceIdProblem } from './resource-id.ts';
import type { AzureIdentity, AzureIdentityBinding } from './types.ts';

interface Rule<T> {
  /** The field that the rule is about. */
  readonly field: string;
  readonly allowed: string;
  /** What was found, in words, if it cannot work. */
  readonly problem: (object: T) => string | undefined;
}

const nothingIf = (missing: boolean): string | undefined => (missing ? 'nothing' : undefined);
const needsSecret = ({ spec }: AzureIdentity): boolean => spec.type !== 0;

const IDENTITY_RULES: readonly Rule<AzureIdentity>[] = [
  { field: 'metadata.name', allowed: 'a name', problem: ({ metadata }) => nothingIf(metadata.name === '') },
  {
    field: 'spec.resourceID',
    allowed: RESOURCE_ID_FORM,
    problem: ({ spec }) => (spec.type === 0 ? resourceIdProblem(spec.resourceID) : undefined),
  },
  {
    field: 'spec.clientID',
    allowed: 'the application id of the service principal',
    problem: (identity) => nothingIf(needsSecret(identity) && identity.spec.clientID === ''),
  },
  {
    field: 'spec.tenantID',
    allowed: 'the tenant of the service principal',
    problem: (identity) => nothingIf(needsSecret(identity) && identity.spec.tenantID === ''),
  },
  {
    field: 'spec.clientPassword.name',
    allowed: 'the name of a Secret',
    problem: (identity) => nothingIf(needsSecret(identity) && identity.spec.clientPassword.name === ''),
  },
  {
    field: 'spec.clientPassword.namespace',
    allowed: 'the namespace of a Secret',
    problem: (identity) => nothingIf(needsSecret(identity) && identity.spec.clientPassword.namespace === ''),
  },
];

const BINDING_RULES: readonly Rule<AzureIdentityBinding>[] = [
  { field: 'metadata.name', allowed: 'a name', problem: ({ metadata }) => nothingIf(metadata.name === '') },
  {
    field: 'spec.azureIdentity',
    allowed: 'the name of an AzureIdentity',
    problem: ({ spec }) => nothingIf(spec.azureIdentity === ''),
  },
  {
    field: 'spec.selector',
    allowed: 'a value of the label aadpodidbinding',
    problem: ({ spec }) => nothingIf(spec.selector === ''),
  },
];

function check<T>(rules: readonly Rule<T>[], object: T): string[] {
  return rules.flatMap(({ field, allowed, problem }) => {
    const found = problem(object);
    return found === undefined ? [] : [`${field}: found ${found}, allowed is ${allowed}`];
  });
}

/** Why this identity can never work, one line a field; empty if nothing is known against it. */
export function validateIdentity(identity: AzureIdentity): string[] {
  return check(IDENTITY_RULES, identity);
}

/** Why this binding can never bind a pod, one line a field; empty if nothing is known against it. */
export function validateBinding(binding: AzureIdentityBinding): string[] {
  return check(BINDING_RULES, binding);
}
