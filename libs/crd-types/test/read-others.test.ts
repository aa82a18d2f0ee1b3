import {
  readAzureAssignedIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
  readMeta,
} from '../src/index.ts';
import { RESOURCE_ID, reasonOf, valueOf } from './read-helpers.ts';

const bindingSpec = (spec: unknown) => valueOf(readAzureIdentityBinding({ metadata: { name: 'demo' }, spec })).spec;

describe('an AzureIdentityBinding', () => {
  it.each([
    ['canonical fields', { azureIdentity: 'demo', selector: 'demo-pods', weight: 5 }],
    ['the fields of the walk-through', { AzureIdentity: 'demo', Selector: 'demo-pods', Weight: '5' }],
  ])('reads the same from %s', (_spelling, spec) => {
    expect(bindingSpec(spec)).toEqual({
      azureIdentity: 'demo',
      selector: 'demo-pods',
      weight: 5,
      serviceAccountNames: [],
    });
  });

  it('takes an unquoted number as the text it looks like', () => {
    expect(bindingSpec({ selector: 123 }).selector).toBe('123');
  });

  it('may name service accounts', () => {
    expect(bindingSpec({ serviceAccountNames: ['a', null] }).serviceAccountNames).toEqual(['a']);
  });
});

describe('an AzureAssignedIdentity', () => {
  const record = {
    metadata: { name: 'pod-ns-demo', namespace: 'default', labels: { nodename: 'node-1' }, finalizers: ['f'] },
    spec: {
      azureIdentityRef: { metadata: { name: 'demo', namespace: 'ns' }, spec: { ResourceID: RESOURCE_ID } },
      azureBindingRef: { metadata: { name: 'bind', namespace: 'ns' }, spec: { AzureIdentity: 'demo', Selector: 's' } },
      pod: 'pod',
      podNamespace: 'ns',
      NodeName: 'node-1',
    },
    status: { status: 'Assigned', availableReplicas: 1 },
  };

  it('reads its embedded copies in any spelling', () => {
    const { spec, status } = valueOf(readAzureAssignedIdentity(record));
    expect(spec.azureIdentityRef?.spec.resourceID).toBe(RESOURCE_ID);
    expect(spec.azureBindingRef?.spec).toMatchObject({ azureIdentity: 'demo', selector: 's' });
    expect(spec.nodename).toBe('node-1');
    expect(status).toEqual({ status: 'Assigned', availableReplicas: 1, conditions: [] });
  });

  it('may lack its copies', () => {
    const { spec } = valueOf(readAzureAssignedIdentity({ ...record, spec: { pod: 'pod', azureIdentityRef: null } }));
    expect(spec.azureIdentityRef).toBeUndefined();
  });

  it('reads a state that nobody knows as none', () => {
    expect(valueOf(readAzureAssignedIdentity({ status: { status: 'Pending' } })).status.status).toBe('');
  });

  it('names the field inside a copy that cannot be read', () => {
    const spec = { azureIdentityRef: { spec: { type: 9 } } };
    expect(reasonOf(readAzureAssignedIdentity({ spec }))).toBe(
      'spec.azureIdentityRef.spec.type: found 9, allowed is a whole number from 0 to 2',
    );
  });
});

describe('an AzurePodIdentityException', () => {
  it('reads its labels in any spelling, dropping nulls', () => {
    const read = readAzurePodIdentityException({ spec: { PodLabels: { app: 'mic', gone: null, yes: true } } });
    expect(valueOf(read).spec.podLabels).toEqual({ app: 'mic', yes: 'true' });
  });

  it('names a label that is no text', () => {
    expect(reasonOf(readAzurePodIdentityException({ spec: { podLabels: { app: {} } } }))).toBe(
      'spec.podLabels.app: found an object, allowed is a text',
    );
  });
});

it('readMeta reads the name of an object whose spec cannot be read', () => {
  const read = readMeta({ metadata: { name: 'demo', namespace: 'ns' }, spec: 7 });
  expect(valueOf(read)).toMatchObject({ name: 'demo', namespace: 'ns' });
});
