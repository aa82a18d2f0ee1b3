import { anIdentity } from '../../test/objects.ts';
import { identityRequest, managedIdentityKey, nodeRequest, operationOf } from './managed-identity.ts';

describe('what IMDS is asked for', () => {
  it.each<[sentence: string, spec: Record<string, unknown>, request: object]>([
    ['an identity by its client id', { clientID: 'c', resourceID: '/r' }, { resource: 'x', clientId: 'c' }],
    [
      'one without a client id by its resource id',
      { clientID: '', resourceID: '/r' },
      { resource: 'x', msiResId: '/r' },
    ],
  ])('%s', (_, spec, request) => {
    expect(identityRequest(anIdentity({ spec }), 'x')).toEqual(request);
  });

  it('is never an identity without any id, because IMDS would then choose one', () => {
    const nameless = anIdentity({ spec: { clientID: '', resourceID: '' } });
    expect(() => identityRequest(nameless, 'x')).toThrow(
      'AzureIdentity default/demo has neither clientID nor resourceID',
    );
  });

  it.each([
    [{ by: 'any' }, { resource: 'x' }, 'adal_token_msi'],
    [{ by: 'clientId', id: 'c' }, { resource: 'x', clientId: 'c' }, 'adal_token_msi_userassignedid'],
    [{ by: 'objectId', id: 'o' }, { resource: 'x', objectId: 'o' }, 'adal_token_msi_userassignedid'],
    [{ by: 'resourceId', id: '/r' }, { resource: 'x', msiResId: '/r' }, 'adal_token_msi_userassignedid'],
  ] as const)('for an excepted pod is passed on: %j', (selector, request, operation) => {
    const asked = nodeRequest(selector, 'x');
    expect([asked, operationOf(asked)]).toEqual([request, operation]);
  });
});

describe('two requests get the same token', () => {
  it.each<
    [
      sentence: string,
      a: Parameters<typeof managedIdentityKey>[0],
      b: Parameters<typeof managedIdentityKey>[0],
      same: boolean,
    ]
  >([
    ['whose ids differ in case', { resource: 'x', clientId: 'AB' }, { resource: 'x', clientId: 'ab' }, true],
    ['never when the resource differs, be it in case', { resource: 'x' }, { resource: 'X' }, false],
    ['never when the kind of id differs', { resource: 'x', clientId: 'a' }, { resource: 'x', objectId: 'a' }, false],
    ['never when one names none', { resource: 'x', clientId: 'a' }, { resource: 'x' }, false],
  ])('%s', (_, a, b, same) => {
    expect(managedIdentityKey(a) === managedIdentityKey(b)).toBe(same);
  });
});
