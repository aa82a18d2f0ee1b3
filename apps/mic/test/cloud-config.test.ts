import { type CloudConfig, cloudConfigFromEnv, loadCloudConfig, parseCloudConfig } from '../src/cloud-config.ts';

const principal: CloudConfig = {
  ...{ cloud: 'AzureChinaCloud', tenantId: 't', clientId: 'c', clientSecret: 's' },
  ...{ useManagedIdentity: false, userAssignedIdentityId: '' },
};
const managed: CloudConfig = {
  ...{ cloud: '', tenantId: '', clientId: '', clientSecret: '', useManagedIdentity: true },
  userAssignedIdentityId: 'id',
};

describe('azure.json', () => {
  it.each<[string, string, CloudConfig]>([
    [
      'JSON with a service principal',
      '{"cloud":"AzureChinaCloud","tenantId":"t","aadClientId":"c","aadClientSecret":"s","vmType":"vmss"}',
      principal,
    ],
    ['YAML', 'cloud: AzureChinaCloud\ntenantId: t\naadClientId: c\naadClientSecret: s\n', principal],
    ['fields in another case', 'CLOUD: AzureChinaCloud\ntenantID: t\naadclientid: c\nAADClientSecret: s\n', principal],
    ['a managed identity', '{"useManagedIdentityExtension":true,"userAssignedIdentityID":"id"}', managed],
    ['true as a text', '{"useManagedIdentityExtension":"True","userAssignedIdentityID":"id"}', managed],
    [
      'the msi that AKS writes in the place of a principal',
      '{"aadClientId":"msi","aadClientSecret":"msi","userAssignedIdentityID":"id"}',
      { ...managed, clientId: 'msi', clientSecret: 'msi' },
    ],
  ])('is read: %s', (_case, content, expected) => {
    expect(parseCloudConfig(content, 'azure.json')).toEqual(expected);
  });

  it.each([
    ['nothing', '', 'azure.json: holds no fields'],
    ['half of it', '{"tenantId":"t","aadClientSec', 'azure.json: is neither JSON nor YAML'],
    ['a list', '[]', 'azure.json: holds no fields'],
    [
      'no secret',
      '{"tenantId":"t","aadClientId":"c"}',
      'azure.json: aadClientSecret: needed to sign in as a service principal, unless azure.json: useManagedIdentityExtension is true',
    ],
    ['a number for a text', '{"tenantId":7}', 'azure.json: tenantId: found something that is no text'],
    [
      'a text for true or false',
      '{"useManagedIdentityExtension":"yes, hunter2"}',
      'azure.json: useManagedIdentityExtension: found something else than true or false',
    ],
  ])('is refused in one line that names the field and no value: %s', (_case, content, message) => {
    expect(() => parseCloudConfig(content, 'azure.json')).toThrow(message);
  });

  it('that cannot be read is named', async () => {
    const missing = () => Promise.reject(new Error('ENOENT'));
    await expect(loadCloudConfig('/x/azure.json', {}, missing)).rejects.toThrow(
      '--cloudconfig: /x/azure.json cannot be read',
    );
  });
});

describe('the environment in its place', () => {
  it('names a service principal', () => {
    const env = { CLOUD: 'AzureChinaCloud', TENANT_ID: 't', CLIENT_ID: 'c', CLIENT_SECRET: 's' };
    expect(cloudConfigFromEnv(env)).toEqual(principal);
  });

  it('or a managed identity', () => {
    expect(cloudConfigFromEnv({ USE_MSI: 'true', USER_ASSIGNED_MSI_CLIENT_ID: 'id' })).toEqual(managed);
  });

  it('names the variables that are missing', () => {
    expect(() => cloudConfigFromEnv({ TENANT_ID: 't' })).toThrow(
      'CLIENT_ID (environment), CLIENT_SECRET (environment): needed to sign in as a service principal',
    );
  });
});
