import { KubeError } from '@aad-pod-identity/kube';
import { fakeClock } from '@aad-pod-identity/testing';
import { NmiError } from '../errors.ts';
import { CredentialCache, type CredentialRequest } from './secret-cache.ts';

const NEVER = new AbortController().signal;
const REQUEST: CredentialRequest = {
  ...{ identityUid: 'u', identity: { namespace: 'n', name: 'i' }, type: 1, namespace: 'n', name: 's' },
};

function setUp() {
  const clock = fakeClock();
  const secret = { value: 'one', reads: 0, failure: undefined as Error | undefined, hang: false };
  const cache = new CredentialCache(async () => {
    secret.reads++;
    if (secret.hang) await clock.sleep(10_000);
    if (secret.failure !== undefined) throw secret.failure;
    return { credential: { kind: 'secret', secret: secret.value }, digest: secret.value };
  }, clock);
  const get = async (request = REQUEST) => (await cache.get(request, NEVER)).digest;
  return { clock, secret, cache, get };
}

const away = () => new KubeError('unreachable', 'away');

describe('a credential', () => {
  it('is read once for many requests', async () => {
    const { get, secret } = setUp();
    await Promise.all([get(), get()]);
    await get();
    expect(secret.reads).toBe(1);
  });

  it.each([30_000, 45_000, 60_000])('that was exchanged counts within a minute, asked after %i ms', async (ms) => {
    const { get, secret, clock } = setUp();
    await get();
    secret.value = 'two';
    await clock.advance(ms);
    await get();
    await clock.advance(1);
    expect(await get()).toBe('two');
  });

  it('is never older than a minute when it is used', async () => {
    const { get, secret, clock } = setUp();
    await get();
    secret.value = 'two';
    await clock.advance(60_000);
    expect(await get()).toBe('two');
  });

  it('goes on being used while the API server is away, and costs nobody more than a second', async () => {
    const { get, secret, clock } = setUp();
    await get();
    secret.failure = away();
    secret.hang = true;
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000);
      const waiting = get();
      await clock.advance(1_000);
      expect(await waiting).toBe('one');
    }
  });

  it('that is gone is refused, not remembered', async () => {
    const { get, secret, clock } = setUp();
    await get();
    secret.failure = new NmiError('identityMisconfigured', 'Secret n/s does not exist');
    await clock.advance(60_000);
    await expect(get()).rejects.toThrow('does not exist');
    await expect(get()).rejects.toThrow('does not exist');
  });

  it('that was refused is read again, but not in a hot loop', async () => {
    const { cache, get, secret, clock } = setUp();
    await get();
    secret.value = 'two';
    expect((await cache.reread(REQUEST, NEVER)).digest).toBe('one');
    await clock.advance(500);
    expect((await cache.reread(REQUEST, NEVER)).digest).toBe('two');
    for (let nth = 0; nth < 10; nth++) await cache.reread(REQUEST, NEVER);
    expect(secret.reads).toBe(2);
  });

  it('of one AzureIdentity is nothing to a namesake of it', async () => {
    const { get, secret } = setUp();
    await get();
    secret.value = 'two';
    expect(await get({ ...REQUEST, identityUid: 'another' })).toBe('two');
  });

  it('ends with its AzureIdentity', async () => {
    const { get, cache, secret } = setUp();
    await get();
    cache.forget('u');
    await get();
    expect(secret.reads).toBe(2);
  });
});
