import { ArmError, targetResourceId, type Target } from '../src/index.ts';
import { type Bench, newIdentity, newScaleSet, newVm, startBench } from './azure.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  await bench.azure.control.reset();
  Object.assign(bench.azure.control.arm, { updateMs: 0, follow: 'operation', failAt: 'call' });
});

const failureOf = async (promise: Promise<unknown>): Promise<ArmError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArmError);
  return error as ArmError;
};

async function add(target: Target, ids: string[]) {
  const current = await bench.arm.getIdentities(target);
  return bench.arm.updateIdentities(target, { add: ids, remove: [], current });
}

describe('a bad identity fails the whole update and is named', () => {
  const cases = (['missing', 'forbidden', 'invalid'] as const).flatMap((breakage) =>
    [
      { breakage, failAt: 'call', follow: 'operation', updateMs: 0 },
      { breakage, failAt: 'end', follow: 'operation', updateMs: 10 },
      { breakage, failAt: 'end', follow: 'location', updateMs: 10 },
    ].map((settings) => [breakage, settings.failAt, settings.follow, settings] as const),
  );
  it.each(cases)('%s, told at the %s, followed by %s', async (breakage, _failAt, _follow, settings) => {
    const [good, bad] = [
      newIdentity(bench.azure),
      newIdentity(bench.azure, 'bad.one_(x)-' + breakage + settings.follow),
    ];
    const target = newScaleSet(bench.azure);
    bench.azure.control.breakIdentity(bad.id, breakage);
    Object.assign(bench.azure.control.arm, settings);
    const error = await failureOf(add(target, [good.id, bad.id]));
    expect(error).toMatchObject({ code: 'badIdentities', ids: [bad.id.toLowerCase()] });
    expect(bench.azure.state.assignedTo(targetResourceId(target))).toEqual([]);
  });

  it('all of them when they are forbidden', async () => {
    const bad = [newIdentity(bench.azure), newIdentity(bench.azure)];
    for (const { id } of bad) bench.azure.control.breakIdentity(id, 'forbidden');
    const error = await failureOf(add(newVm(bench.azure), [newIdentity(bench.azure).id, ...bad.map(({ id }) => id)]));
    expect(error).toMatchObject({ armCode: 'LinkedAuthorizationFailed', status: 403 });
    expect([...(error.ids ?? [])].sort()).toEqual(bad.map(({ id }) => id.toLowerCase()).sort());
  });

  it('and no application or identity by its full client id', async () => {
    const bad = newIdentity(bench.azure);
    bench.azure.control.breakIdentity(bad.id, 'forbidden');
    const { message } = (await failureOf(add(newVm(bench.azure), [bad.id]))) as Error;
    expect(message).toMatch(
      /^LinkedAuthorizationFailed: The client '.*##### REDACTED #####.* scope\(s\) are invalid\.$/,
    );
    expect(message.replaceAll(/\/subscriptions\/[0-9a-f-]{36}/gi, '')).not.toMatch(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/i,
    );
  });

  it('or nobody, when the text names none', async () => {
    const target = newVm(bench.azure);
    const action = {
      kind: 'status',
      status: 400,
      code: 'FailedIdentityOperation',
      message: 'something failed',
    } as const;
    bench.azure.control.failNext('arm.update', action);
    expect(await failureOf(add(target, [newIdentity(bench.azure).id]))).toMatchObject({
      code: 'badIdentities',
      ids: [],
    });
  });
});

describe('the error of an answer', () => {
  it.each([
    ['a deny assignment', 403, 'DenyAssignmentAuthorizationFailed', 'denied'],
    ['a lock', 409, 'ScopeLocked', 'denied'],
    ['no rights', 403, 'AuthorizationFailed', 'unauthorized'],
    ['a refused token', 401, 'InvalidAuthenticationToken', 'unauthorized'],
    ['a token that is over', 401, 'ExpiredAuthenticationToken', 'unauthorized'],
    ['no such resource', 404, 'ResourceNotFound', 'notFound'],
    ['no such group', 404, 'ResourceGroupNotFound', 'notFound'],
    ['a group that goes away', 409, 'ResourceGroupBeingDeleted', 'deleting'],
    ['a write in flight', 409, 'ConflictingConcurrentWriteNotAllowed', 'conflict'],
    ['any other conflict', 409, 'OperationNotAllowed', 'conflict'],
    ['too many requests', 429, 'OperationNotAllowed', 'throttled'],
    ['a server in trouble', 503, 'ServiceUnavailable', 'unavailable'],
    ['a code nobody knows', 400, 'SomethingNew', 'failed'],
  ])('%s (%d %s) is %s', async (_, status, armCode, code) => {
    const target = newVm(bench.azure);
    bench.azure.control.failNext('arm.update', { kind: 'status', status, code: armCode });
    const error = await failureOf(add(target, [newIdentity(bench.azure).id]));
    expect(error).toMatchObject({ code, status, armCode });
  });

  it('without a proper body goes by its status', async () => {
    bench.azure.control.failNext('arm.get', { kind: 'garbage', status: 502, body: '<html>Bad Gateway</html>' });
    const error = await failureOf(bench.arm.getIdentities(newVm(bench.azure)));
    expect(error).toMatchObject({ code: 'unavailable', status: 502 });
  });

  it.each([
    ['a short text as it is', 'first line\nand the cause', 'first line and the cause'],
    [
      'a long one with its end, where the cause is',
      `who${'x'.repeat(2000)}the cause`,
      `who${'x'.repeat(2000)}the cause`,
    ],
    [
      'a very long one without its middle',
      `who${'x'.repeat(9000)}the cause`,
      /^whox{2000,} \[\.{3}\] x{1500,}the cause$/,
    ],
  ])('is one line with the code once, and %s', async (_case, message, expected) => {
    bench.azure.control.failNext('arm.get', { kind: 'status', status: 400, code: 'Long', message });
    const error = await failureOf(bench.arm.getIdentities(newVm(bench.azure)));
    expect(error.detail).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    expect(error.message).toBe(`Long: ${error.detail}`);
    expect(Buffer.byteLength(error.detail)).toBeLessThanOrEqual(4096);
  });

  it('a real deny assignment is denied', async () => {
    const target = newVm(bench.azure);
    bench.azure.control.deny(targetResourceId(target));
    expect(await failureOf(add(target, [newIdentity(bench.azure).id]))).toMatchObject({ code: 'denied' });
  });
});

describe('the bearer token', () => {
  it('is checked: another audience is unauthorized', async () => {
    const { azure } = bench;
    const app = azure.addApp({ secret: 's' });
    const form = {
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: 's',
      scope: 'https://vault.azure.net/.default',
    };
    const url = `${azure.entraUrl}/${app.tenantId}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const client = bench.client({ token: () => Promise.resolve(token) });
    expect(await failureOf(client.getIdentities(newVm(azure)))).toMatchObject({ code: 'unauthorized', status: 401 });
  });

  it('is checked: a forged one is unauthorized', async () => {
    const client = bench.client({ token: () => Promise.resolve('e30.e30.x') });
    expect(await failureOf(client.getIdentities(newVm(bench.azure)))).toMatchObject({ code: 'unauthorized' });
  });

  it('is asked for at each call, so that a new one is used at once', async () => {
    let asked = 0;
    const client = bench.client({ token: () => Promise.resolve(`token-${++asked}`) });
    const target = newVm(bench.azure);
    await failureOf(client.getIdentities(target));
    await failureOf(client.getIdentities(target));
    expect(asked).toBe(2);
  });

  it('that ARM refuses is told to whoever gives them, and no other', async () => {
    const refused: string[] = [];
    const tokens = ['e30.e30.x', await bench.token()];
    const client = bench.client({
      token: () => Promise.resolve(tokens[refused.length] ?? ''),
      refused: (_audience, token) => refused.push(token),
    });
    const target = newVm(bench.azure);
    await failureOf(client.getIdentities(target));
    await client.getIdentities(target);
    expect(refused).toEqual(['e30.e30.x']);
  });

  it('that cannot be had fails the call with its own error', async () => {
    const reason = new Error('no token');
    const client = bench.client({ token: () => Promise.reject(reason) });
    await expect(client.getIdentities(newVm(bench.azure))).rejects.toBe(reason);
  });
});
