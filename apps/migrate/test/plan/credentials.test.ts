import { readAzureIdentity } from '@aad-pod-identity/crd-types';
import { azureIdentity, identityResourceId, SUBSCRIPTION } from '@aad-pod-identity/testing';
import fc from 'fast-check';
import { isAccountName } from '../../src/plan/accounts.ts';
import { beyondLimit, type Credential, credentialName } from '../../src/plan/credentials.ts';
import { targetOf } from '../../src/plan/target.ts';
import { CLIENT } from '../world.ts';

const ISSUER = 'https://oidc.example.com/';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const subdomain = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'))
  .filter(isAccountName);

describe('the name of a credential', () => {
  it('is one that Azure allows, whatever the service account is called', () => {
    fc.assert(
      fc.property(label, subdomain, (namespace, account) => {
        expect(credentialName({ namespace, account }, ISSUER)).toMatch(/^[0-9A-Za-z][0-9A-Za-z_-]{2,119}$/);
      }),
    );
  });

  it('is the same in each run', () => {
    const of = { namespace: 'shop', account: 'web.v1' };
    expect(credentialName(of, ISSUER)).toBe(credentialName({ ...of }, ISSUER));
    expect(credentialName(of, ISSUER)).toMatch(/^shop-web-v1-[0-9a-f]{16}$/);
  });

  it.each<[string, [string, string, string], [string, string, string]]>([
    ['a-b/c and a/b-c', ['a-b', 'c', ISSUER], ['a', 'b-c', ISSUER]],
    ['a.b and a-b', ['n', 'a.b', ISSUER], ['n', 'a-b', ISSUER]],
    ['two clusters', ['n', 'a', ISSUER], ['n', 'a', `${ISSUER}other/`]],
    ['what differs after 200 letters', ['n', `${'a'.repeat(200)}b`, ISSUER], ['n', `${'a'.repeat(200)}c`, ISSUER]],
  ])('tells apart %s', (_what, [namespace, account, issuer], [otherNamespace, otherAccount, otherIssuer]) => {
    const other = credentialName({ namespace: otherNamespace, account: otherAccount }, otherIssuer);
    expect(credentialName({ namespace, account }, issuer)).not.toBe(other);
  });
});

function targetFor(spec: Record<string, unknown>) {
  const read = readAzureIdentity(azureIdentity({ spec }));
  return read.ok ? targetOf(read.value) : read;
}

const id = (group: string, name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

describe('what a credential is made on', () => {
  it('is the managed identity of the resource id, the same in any case', () => {
    const target = targetFor({ resourceID: identityResourceId('Demo', 'Group') });
    expect(target).toMatchObject({ kind: 'managed', subscription: SUBSCRIPTION, resourceGroup: 'Group', name: 'Demo' });
    expect(targetFor({ resourceID: identityResourceId('demo', 'GROUP').toUpperCase() })).toMatchObject({
      key: (target as { key: string }).key,
    });
  });

  it.each([1, 2])('is the application of a service principal, type %d', (type) => {
    expect(targetFor({ type, clientID: CLIENT })).toEqual({ kind: 'application', key: CLIENT, appId: CLIENT });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no resource id', { resourceID: '' }],
    ['another form', { resourceID: '/subscriptions/x' }],
    ['a group that is an option', { resourceID: id('--debug', 'demo') }],
    ['a name that is a file to the CLI', { resourceID: id('group', '@secret') }],
    ['a name that is code', { resourceID: id('group', '$(id)') }],
    ['a name with a quote', { resourceID: id('group', "a'b") }],
    ['a name with a control character', { resourceID: id('group', 'a\u0007b') }],
    ['a subscription that is code', { resourceID: id('g', 'n').replace(SUBSCRIPTION, '`id`') }],
    ['a service principal without an id', { type: 1, clientID: '' }],
    ['an application id that is an option', { type: 1, clientID: '--help' }],
    ['an application id of two lines', { type: 2, clientID: 'a\nb' }],
  ])('is nothing for %s', (_sentence, spec) => {
    expect(targetFor(spec)).toEqual({ problem: expect.any(String) as string });
  });
});

describe('the limit of Azure', () => {
  const credentials = (count: number, name = 'demo'): Credential[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ namespace: 'n', account: `a${index}`, identity: `default/${name}`, tenant: '' },
      target: { kind: 'managed', key: name, subscription: 's', resourceGroup: 'g', name },
    }));

  it('is not reached with 20 for an identity', () => {
    expect(beyondLimit([...credentials(20), ...credentials(20, 'other')])).toEqual([]);
  });

  it('is told with 21', () => {
    expect(beyondLimit([...credentials(21), ...credentials(1, 'other')])).toEqual([
      expect.stringContaining('managed identity demo of default/demo would get 21 federated credentials') as string,
    ]);
  });
});
