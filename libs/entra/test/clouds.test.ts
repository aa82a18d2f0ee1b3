import { type Cloud, CloudError, knownAuthority, resolveCloud } from '../src/index.ts';

const noFile = (): Promise<string> => Promise.reject(new Error('ENOENT'));
const file = (content: unknown) => (): Promise<string> =>
  Promise.resolve(typeof content === 'string' ? content : JSON.stringify(content));

describe('a cloud', () => {
  it.each([
    ['', 'login.microsoftonline.com', 'management.azure.com'],
    ['AzurePublicCloud', 'login.microsoftonline.com', 'management.azure.com'],
    ['AZUREPUBLICCLOUD', 'login.microsoftonline.com', 'management.azure.com'],
    ['AzureCloud', 'login.microsoftonline.com', 'management.azure.com'],
    ['azureusgovernmentcloud', 'login.microsoftonline.us', 'management.usgovcloudapi.net'],
    ['AzureUSGovernment', 'login.microsoftonline.us', 'management.usgovcloudapi.net'],
    ['AzureChinaCloud', 'login.chinacloudapi.cn', 'management.chinacloudapi.cn'],
    ['AzureGermanCloud', 'login.microsoftonline.de', 'management.microsoftazure.de'],
  ])('named "%s" is at %s and %s', async (name, login, management) => {
    expect(await resolveCloud({ name, readFile: noFile })).toMatchObject({
      activeDirectoryEndpoint: `https://${login}`,
      resourceManagerEndpoint: `https://${management}`,
      resourceManagerAudience: `https://${management}/`,
    });
  });

  const custom = {
    name: 'AzureStackCloud',
    activeDirectoryEndpoint: 'https://login.example/',
    resourceManagerEndpoint: 'https://arm.example/',
  };
  const expected: Cloud = {
    name: 'AzureStackCloud',
    activeDirectoryEndpoint: 'https://login.example',
    resourceManagerEndpoint: 'https://arm.example',
    resourceManagerAudience: 'https://arm.example/',
  };
  it.each([
    ['its endpoints', custom, expected],
    [
      'its audience',
      { ...custom, tokenAudience: 'https://aud.example' },
      { ...expected, resourceManagerAudience: 'https://aud.example' },
    ],
    [
      'the older name of its audience',
      { ...custom, serviceManagementEndpoint: 'https://old.example/x' },
      { ...expected, resourceManagerAudience: 'https://old.example/x' },
    ],
  ])("of one's own is read from a file: %s", async (_, content, cloud) => {
    const source = { name: 'azurestackcloud', environmentFile: '/env.json', readFile: file(content) };
    expect(await resolveCloud(source)).toEqual(cloud);
  });

  it.each([
    ['of an unknown name', { name: 'AzureMarsCloud', readFile: noFile }, /AzureMarsCloud.*AzureStackCloud/],
    ["of one's own without a file", { name: 'AzureStackCloud', readFile: noFile }, /AZURE_ENVIRONMENT_FILEPATH/],
    [
      'whose file is missing',
      { name: 'AzureStackCloud', environmentFile: '/no', readFile: noFile },
      /cannot read \/no/,
    ],
    [
      'whose file is no JSON',
      { name: 'AzureStackCloud', environmentFile: '/f', readFile: file('x: y') },
      /\/f is not JSON/,
    ],
    [
      'whose file is null',
      { name: 'AzureStackCloud', environmentFile: '/f', readFile: file('null') },
      /activeDirectoryEndpoint/,
    ],
    [
      'whose file names plain http',
      {
        name: 'AzureStackCloud',
        environmentFile: '/f',
        readFile: file({ ...custom, resourceManagerEndpoint: 'http://a' }),
      },
      /resourceManagerEndpoint must be an https URL/,
    ],
  ])('%s is an error in one line', async (_, source, message) => {
    const error: unknown = await resolveCloud(source).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CloudError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('an authority', () => {
  it.each([
    ['of the public cloud', 'https://login.microsoftonline.com', true],
    ['with a slash', 'https://login.microsoftonline.com/', true],
    ['in any case', 'HTTPS://LOGIN.MICROSOFTONLINE.US/', true],
    ['with the usual port', 'https://login.chinacloudapi.cn:443/', true],
    ['of an allowed cloud', 'https://login.example', true],
    ['over plain http', 'http://login.microsoftonline.com/', false],
    ['of another host', 'https://login.microsoftonline.com.evil.example/', false],
    ['of another port', 'https://login.microsoftonline.com:8443/', false],
    ['with a user', 'https://login.microsoftonline.com@evil.example/', false],
    ['with a user of the known host', 'https://evil@login.microsoftonline.com/', false],
    ['with a path', 'https://login.microsoftonline.com/evil', false],
    ['with a query', 'https://login.microsoftonline.com/?evil', false],
    ['that is no URL', 'login.microsoftonline.com', false],
    ['that is empty', '', false],
  ])('%s (%s) is known: %p', (_, url, known) => {
    expect(knownAuthority(url, ['https://login.example/'])).toBe(known);
  });
});
