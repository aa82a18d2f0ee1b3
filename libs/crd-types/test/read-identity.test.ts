import { readAzureIdentity } from '../src/index.ts';
import { RESOURCE_ID, reasonOf, valueOf } from './read-helpers.ts';

const identitySpec = (spec: unknown) => valueOf(readAzureIdentity({ metadata: { name: 'demo' }, spec })).spec;

describe('an AzureIdentity', () => {
  const secret = { name: 'sp-secret', namespace: 'default' };

  it.each([
    ['canonical fields', { type: 1, resourceID: RESOURCE_ID, clientID: 'c', tenantID: 't', clientPassword: secret }],
    [
      'the capitalised fields of objects older than 1.6',
      {
        Type: 1,
        ResourceID: RESOURCE_ID,
        ClientID: 'c',
        TenantID: 't',
        ClientPassword: { Name: 'sp-secret', Namespace: 'default' },
      },
    ],
    [
      'the fields of the walk-through',
      {
        type: 1,
        ResourceID: RESOURCE_ID,
        ClientID: 'c',
        TenantId: 't',
        ClientPassword: { Name: 'sp-secret', Namespace: 'default' },
      },
    ],
    [
      'any other case',
      {
        TYPE: 1,
        resourceid: RESOURCE_ID,
        clientId: 'c',
        tenantid: 't',
        clientpassword: { NAME: 'sp-secret', nameSpace: 'default' },
      },
    ],
    [
      'a number as a text and a reference as JSON in a text',
      {
        type: '1',
        resourceID: RESOURCE_ID,
        clientID: 'c',
        tenantID: 't',
        clientPassword: '{"Name":"sp-secret","Namespace":"default"}',
      },
    ],
  ])('reads the same from %s', (_spelling, spec) => {
    expect(identitySpec(spec)).toEqual({
      type: 1,
      resourceID: RESOURCE_ID,
      clientID: 'c',
      clientPassword: secret,
      tenantID: 't',
      auxiliaryTenantIDs: [],
      adResourceID: '',
      adEndpoint: '',
      replicas: 0,
    });
  });

  it.each([
    ['a missing spec', undefined],
    ['a null spec', null],
    ['an empty spec', {}],
    ['null fields', { type: null, resourceID: null, clientPassword: null, auxiliaryTenantIDs: null, replicas: null }],
    ['empty texts', { type: '', clientPassword: '', tenantID: '' }],
    ['null as JSON in a text', { clientPassword: 'null' }],
  ])('reads %s as type 0 with nothing set', (_case, spec) => {
    expect(identitySpec(spec)).toEqual(identitySpec({ type: 0 }));
  });

  it.each([
    ['the canonical spelling wins over another', { clientID: 'canonical', ClientID: 'other' }, 'canonical'],
    ['so it does when it comes second', { ClientID: 'other', clientID: 'canonical' }, 'canonical'],
    ['a canonical null hides nothing', { clientID: null, ClientID: 'other' }, 'other'],
    ['of two others the alphabetically first wins', { clientId: 'b', ClientID: 'a' }, 'a'],
  ])('when a field is spelled twice, %s', (_case, spec, expected) => {
    expect(identitySpec(spec).clientID).toBe(expected);
  });

  it('drops nulls from lists', () => {
    expect(identitySpec({ auxiliaryTenantIDs: ['a', null, '', 'b'] }).auxiliaryTenantIDs).toEqual(['a', 'b']);
  });

  it.each([
    ['a type that does not exist', { type: 3 }, 'spec.type: found 3, allowed is a whole number from 0 to 2'],
    ['a type in words', { type: 'managed' }, 'spec.type: found "managed", allowed is a whole number from 0 to 2'],
    ['a broken number', { type: 0.5 }, 'spec.type: found 0.5, allowed is a whole number from 0 to 2'],
    ['a list for a text', { clientID: ['c'] }, 'spec.clientID: found a list, allowed is a text'],
    [
      'an object for a list',
      { auxiliaryTenantIDs: {} },
      'spec.auxiliaryTenantIDs: found an object, allowed is a list of texts',
    ],
    [
      'a list in a list',
      { auxiliaryTenantIDs: ['a', []] },
      'spec.auxiliaryTenantIDs[1]: found a list, allowed is a text',
    ],
    ['a list as the spec', [], 'spec: found a list, allowed is an object'],
  ])('names the field for %s', (_case, spec, reason) => {
    expect(reasonOf(readAzureIdentity({ metadata: { name: 'demo' }, spec }))).toBe(reason);
  });

  it('never repeats a password that stands where its reference belongs', () => {
    const reason = reasonOf(
      readAzureIdentity({ metadata: { name: 'demo' }, spec: { clientPassword: 'hunter2-hunter2' } }),
    );
    expect(reason).toBe(
      'spec.clientPassword: found a text, allowed is {name, namespace} of a Secret, never the password itself',
    );
  });

  it.each([
    [null, 'object: found null, allowed is an object'],
    ['text', 'object: found a text of 4 characters, allowed is an object'],
    [[], 'object: found a list, allowed is an object'],
    [{ kind: 'Pod' }, 'kind: found "Pod", allowed is AzureIdentity'],
    [{ metadata: 7 }, 'metadata: found 7, allowed is an object'],
  ])('names what is wrong with %j', (input, reason) => {
    expect(reasonOf(readAzureIdentity(input))).toBe(reason);
  });

  it('stays readable when its status is not', () => {
    expect(valueOf(readAzureIdentity({ spec: {}, status: 'broken' })).status).toEqual({ conditions: [] });
    const status = { conditions: [null, 'x', { type: 'Ready', status: 'False', reason: 'Missing' }] };
    expect(valueOf(readAzureIdentity({ spec: {}, status })).status.conditions).toEqual([
      { type: 'Ready', status: 'False', reason: 'Missing', message: '', lastTransitionTime: '' },
    ]);
  });
});
