import { identityResourceId } from '@aad-pod-identity/testing';
import { anIdentity } from '../../test/objects.ts';
import {
  checkOwner,
  identityRequest,
  managedIdentityKey,
  type ManagedIdentityRequest,
  nodeRequest,
  operationOf,
} from './managed-identity.ts';

describe('what IMDS is asked for', () => {
  it.each<[sentence: string, spec: Record<string, unknown>, request: object]>([
    ['an identity by its client id', { clientID: 'c', resourceID: '/r' }, { resource: 'x', clientId: 'c' }],
    [
      'one without a client id by its resource id',
      { clientID: '', resourceID: '/r' },
      { resource: 'x', msiResId: '/r' },
    ],
  ])('%s', (_, spec, request) => {
    const { identityUid, identityName, ownerResourceId, ...asked } = identityRequest(anIdentity({ spec }), 'x');
    expect(asked).toEqual(request);
    expect([identityUid, identityName, ownerResourceId]).toEqual(['uid-default-demo', 'default/demo', '/r']);
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
    const { identityUid, identityName, ownerResourceId, ...asked } = nodeRequest(selector, 'x');
    expect([asked, operationOf(asked)]).toEqual([request, operation]);
    expect([identityUid, identityName, ownerResourceId]).toEqual(['', '', '']);
  });
});

describe('a token is handed out', () => {
  const resourceID = identityResourceId('mine');
  const tokenOf = (claims: unknown) => {
    const accessToken = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
    return { accessToken, clientId: 'c', expiresOn: 0, notBefore: 0, resource: 'x', tokenType: 'Bearer' };
  };

  it.each<[sentence: string, named: string, claims: unknown, refused: boolean]>([
    ['if it is of the identity that was named', resourceID, { xms_mirid: resourceID }, false],
    ['if it is, in whatever case', resourceID, { xms_mirid: resourceID.toUpperCase() }, false],
    ['if it does not say whose it is', resourceID, { oid: 'o' }, false],
    ['if its claims are no object', resourceID, null, false],
    ['if no resource id was named', '', { xms_mirid: resourceID }, false],
    ['but never if it is of another identity', resourceID, { xms_mirid: identityResourceId('theirs') }, true],
  ])('%s', (_, named, claims, refused) => {
    const check = () => {
      checkOwner(identityRequest(anIdentity({ spec: { resourceID: named } }), 'x'), tokenOf(claims));
    };
    if (refused) expect(check).toThrow('clientID of AzureIdentity default/demo is not that of its resourceID');
    else expect(check).not.toThrow();
  });
});

describe('two requests get the same token', () => {
  const one = { ...nodeRequest({ by: 'any' }, 'x'), identityUid: 'u', ownerResourceId: '/r' };
  it.each<[sentence: string, a: Partial<ManagedIdentityRequest>, b: Partial<ManagedIdentityRequest>, same: boolean]>([
    ['whose ids differ in case', { clientId: 'AB' }, { clientId: 'ab' }, true],
    ['never when the resource differs, be it in case', { resource: 'x' }, { resource: 'X' }, false],
    ['never when the kind of id differs', { clientId: 'a' }, { objectId: 'a' }, false],
    ['never when one names none', { clientId: 'a' }, {}, false],
    ['never when they are for two AzureIdentities', { identityUid: 'a' }, { identityUid: 'b' }, false],
    ['never when another owner is meant', { ownerResourceId: '/a' }, { ownerResourceId: '/b' }, false],
  ])('%s', (_, a, b, same) => {
    expect(managedIdentityKey({ ...one, ...a }) === managedIdentityKey({ ...one, ...b })).toBe(same);
  });
});
