/** The libraries that applications use, unmodified, from the address of a pod: they are the judges. */
import { ChainedTokenCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { ManagedIdentityApplication } from '@azure/msal-node';
import { bindPod } from './bound-pods.ts';
import { startWorld, STORAGE, type World } from './world.ts';

const SCOPE = `${STORAGE}.default`;
const POD = 'client';
/** Where clients connect from. */
const ADDRESS = '127.0.0.1';

describe('an official client', () => {
  let world: World;
  let bound: ReturnType<typeof bindPod>;
  let stranger: string;

  beforeAll(async () => {
    world = await startWorld();
    bound = bindPod(world, POD, ADDRESS);
    stranger = bindPod(world, 'stranger', '127.0.9.50').azure.clientId;
    const { port } = await (await world.nmi()).ports();
    process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
    await world.close();
  });
  afterEach(() => {
    label(POD);
  });

  function label(value: string | null): void {
    world.kube.state.patch('v1', 'Pod', 'default', POD, { metadata: { labels: { aadpodidbinding: value } } });
  }

  const identityOf = async (token: string | undefined): Promise<unknown> =>
    (await world.azure.verifyToken(token ?? '')).appid;

  it.each<[sentence: string, build: () => TokenCredential]>([
    ['without any id', () => new ManagedIdentityCredential()],
    ['by client id', () => new ManagedIdentityCredential({ clientId: bound.azure.clientId })],
    ['by client id in capitals', () => new ManagedIdentityCredential({ clientId: bound.azure.clientId.toUpperCase() })],
    ['by resource id', () => new ManagedIdentityCredential({ resourceId: bound.azure.id })],
    ['by object id', () => new ManagedIdentityCredential({ objectId: bound.azure.principalId })],
  ])('@azure/identity gets the pod’s identity %s', async (_, build) => {
    const token = await build().getToken(SCOPE);
    expect(await identityOf(token?.token)).toBe(bound.azure.clientId);
  });

  it.each<[sentence: string, build: () => ManagedIdentityApplication]>([
    ['without any id', () => new ManagedIdentityApplication()],
    ['by client id', () => application({ userAssignedClientId: bound.azure.clientId })],
    ['by resource id', () => application({ userAssignedResourceId: bound.azure.id })],
    ['by object id', () => application({ userAssignedObjectId: bound.azure.principalId })],
  ])('msal-node gets the pod’s identity %s', async (_, build) => {
    const { accessToken } = await build().acquireToken({ resource: STORAGE, forceRefresh: true });
    expect(await identityOf(accessToken)).toBe(bound.azure.clientId);
  });

  function application(managedIdentityIdParams: object): ManagedIdentityApplication {
    return new ManagedIdentityApplication({ managedIdentityIdParams });
  }

  it('is refused another pod’s identity, and never gets its own instead', async () => {
    const credential = new ManagedIdentityCredential({ clientId: stranger });
    await expect(credential.getToken(SCOPE)).rejects.toThrow(/Identity not found/);
    await expect(application({ userAssignedClientId: stranger }).acquireToken({ resource: STORAGE })).rejects.toThrow(
      /Identity not found/,
    );
  });

  it('in a pod without an identity goes on to the next credential of its chain', async () => {
    label(null);
    const next: TokenCredential = { getToken: () => Promise.resolve({ token: 'next', expiresOnTimestamp: 4e12 }) };
    const chain = new ChainedTokenCredential(new ManagedIdentityCredential(), next);
    // of another resource, because MSAL remembers what it got
    expect((await chain.getToken('https://vault.azure.net/.default')).token).toBe('next');
  });
});
