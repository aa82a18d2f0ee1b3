import { X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type Configuration, ManagedIdentityApplication } from '@azure/msal-node';
import { type Bench, leaf, SECRET, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

describe('the simulated Entra ID serves an unmodified MSAL, discovery included,', () => {
  const thumbprintSha256 = new X509Certificate(leaf.certPem).fingerprint256.replaceAll(':', '');
  const clientCertificate = { thumbprintSha256, privateKey: leaf.keyPem, x5c: leaf.certPem };
  it.each<[string, Partial<Configuration['auth']>]>([
    ['with a secret', { clientSecret: SECRET }],
    ['with a certificate', { clientCertificate }],
  ])('%s', async (_, credential) => {
    const { azure, app } = bench;
    const authority = `${azure.entraUrl}/${app.tenantId}`;
    const knownAuthorities = [new URL(authority).host];
    const auth = { clientId: app.clientId, authority, knownAuthorities, ...credential };
    const application = new ConfidentialClientApplication({ auth });
    const result = await application.acquireTokenByClientCredential({ scopes: ['https://vault.azure.net/.default'] });
    expect(await azure.verifyToken(result?.accessToken ?? '')).toMatchObject({ appid: app.clientId });
  });
});

it('the simulated metadata service serves an unmodified MSAL', async () => {
  const { azure } = bench;
  const identity = azure.addIdentity({ resourceGroup: 'g', name: 'msal' });
  const { id } = azure.addVm({ resourceGroup: 'g', name: 'vm', userAssigned: [identity.id] });
  process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = (await azure.imdsFor(id)).url;
  const userAssignedClientId = identity.clientId;
  const application = new ManagedIdentityApplication({ managedIdentityIdParams: { userAssignedClientId } });
  const result = await application.acquireToken({ resource: 'https://storage.azure.com/' });
  expect(await azure.verifyToken(result.accessToken)).toMatchObject({
    appid: identity.clientId,
    oid: identity.principalId,
  });
});
