import { trustRunCa } from '../../src/index.ts';
import { type AzureSimulator, startAzureSimulator } from '../../src/azure/index.ts';

let azure: AzureSimulator;
let token: string;

beforeAll(async () => {
  azure = await startAzureSimulator();
  trustRunCa(azure.ca);
  token = await tokenFor(azure.armAudience);
});
afterAll(() => azure.close());
afterEach(async () => {
  await azure.control.reset();
  Object.assign(azure.control.arm, {
    updateMs: 0,
    follow: 'operation',
    idCase: 'asGiven',
    refuseConcurrentWrites: true,
  });
});

async function tokenFor(audience: string): Promise<string> {
  const app = azure.addApp({ secret: 's' });
  const form = {
    grant_type: 'client_credentials',
    client_id: app.clientId,
    client_secret: 's',
    scope: `${audience}/.default`,
  };
  const url = `${azure.entraUrl}/${app.tenantId}/oauth2/v2.0/token`;
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

interface Body {
  readonly identity?: { readonly type: string; readonly userAssignedIdentities?: Record<string, unknown> };
  readonly error?: { readonly code: string; readonly message: string };
  readonly status?: string;
}

async function call(method: string, url: string, body?: object, bearer: string | undefined = token) {
  const answer = await fetch(url.startsWith('https:') ? url : `${azure.armUrl}${url}?api-version=2024-01-01`, {
    method,
    headers: bearer === '' ? {} : { authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Body, headers: answer.headers };
}

let count = 0;
const newVm = (more: object = {}): string => azure.addVm({ resourceGroup: 'g', name: `vm${++count}`, ...more }).id;
const newIdentity = (): string => azure.addIdentity({ resourceGroup: 'g', name: `i.(${++count})_x-y` }).id;
const assign = (type: string, ids: Record<string, object | null>) => ({
  identity: { type, userAssignedIdentities: ids },
});

describe('a caller', () => {
  it.each([
    ['without a token', () => Promise.resolve(''), 401],
    ['with a forged token', () => Promise.resolve('a.b.c'), 401],
    ['with a token for another audience', () => tokenFor('https://vault.azure.net'), 401],
    ['with a token for ARM', () => tokenFor(azure.armAudience), 200],
    ['with a token for ARM without its slash', () => tokenFor(azure.armUrl), 200],
  ])('%s gets %d', async (_, bearer, status) => {
    expect((await call('GET', newVm(), undefined, await bearer())).status).toBe(status);
  });

  it('that Azure does not know any more is refused', async () => {
    const bearer = await tokenFor(azure.armAudience);
    azure.state.apps.delete([...azure.state.apps.keys()].at(-1) ?? '');
    expect((await call('GET', newVm(), undefined, bearer)).status).toBe(403);
  });
});

describe('a PATCH', () => {
  it('adds, removes and keeps what is not named, in any case', async () => {
    const [kept, gone, fresh] = [newIdentity(), newIdentity(), newIdentity()];
    const vm = newVm({ userAssigned: [kept, gone] });
    const { status } = await call(
      'PATCH',
      vm.toUpperCase(),
      assign('UserAssigned', { [gone.toUpperCase()]: null, [fresh]: {} }),
    );
    expect(status).toBe(200);
    expect(azure.state.assignedTo(vm)).toEqual([kept, fresh].map((id) => id.toLowerCase()).sort());
  });

  it.each([
    ['None', undefined, []],
    ['SystemAssigned', 'set', []],
    ['UserAssigned', undefined, ['kept']],
    ['SystemAssigned, UserAssigned', 'set', ['kept']],
  ])('of type %s alone decides what stays', async (type, system, left) => {
    const kept = newIdentity();
    const vm = newVm({ systemAssigned: true, userAssigned: [kept] });
    await call('PATCH', vm, { identity: { type } });
    expect(azure.state.resource(vm).systemAssigned === undefined ? undefined : 'set').toBe(system);
    expect(azure.state.assignedTo(vm)).toHaveLength(left.length);
  });

  it.each<[string, () => object, number, string]>([
    ['without a type', () => ({ identity: {} }), 400, 'InvalidParameter'],
    ['of ids without their type', () => assign('SystemAssigned', { [newIdentity()]: {} }), 400, 'InvalidParameter'],
    ['that leaves none of its type', () => assign('UserAssigned', {}), 400, 'InvalidParameter'],
    [
      'of 151 ids',
      () => assign('UserAssigned', Object.fromEntries(Array.from({ length: 151 }, () => [newIdentity(), {}]))),
      400,
      'InvalidParameter',
    ],
    [
      'of an identity that does not exist',
      () => assign('UserAssigned', { [`${newIdentity()}x`]: {} }),
      400,
      'FailedIdentityOperation',
    ],
    [
      'of something that is no identity',
      () => assign('UserAssigned', { nonsense: {} }),
      400,
      'LinkedInvalidPropertyId',
    ],
  ])('%s fails and changes nothing', async (_, body, status, code) => {
    const vm = newVm();
    const answer = await call('PATCH', vm, body());
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(azure.state.assignedTo(vm)).toEqual([]);
  });

  it.each(['missing', 'forbidden', 'invalid'] as const)(
    'of one %s identity fails for all, and names it in quotes',
    async (breakage) => {
      const [good, bad] = [newIdentity(), newIdentity()];
      azure.control.breakIdentity(bad, breakage);
      const vm = newVm();
      const { body } = await call('PATCH', vm, assign('UserAssigned', { [good]: {}, [bad]: {} }));
      expect(body.error?.message).toContain(`'${bad}'`);
      expect(body.error?.message).not.toContain(good);
      expect(azure.state.assignedTo(vm)).toEqual([]);
    },
  );

  it('in flight is seen, and a second one is refused and noticed', async () => {
    azure.control.arm.updateMs = 60_000;
    const vm = newVm();
    const body = assign('UserAssigned', { [newIdentity()]: {} });
    expect((await call('PATCH', vm, body)).status).toBe(202);
    expect((await call('PATCH', vm, body)).status).toBe(409);
    expect(azure.state.concurrentWrites.at(-1)?.resource).toBe(vm);
    azure.control.arm.refuseConcurrentWrites = false;
    expect((await call('PATCH', vm, body)).status).toBe(202);
    expect(azure.state.concurrentWrites.filter(({ resource }) => resource === vm)).toHaveLength(2);
  });

  it('of a resource that is being deleted is refused', async () => {
    const vm = newVm();
    azure.control.provisioningState(vm, 'Deleting');
    const { status } = await call('PATCH', vm, assign('UserAssigned', { [newIdentity()]: {} }));
    expect(status).toBe(409);
  });
});

describe('a long-running PATCH', () => {
  it('is followed by its operation', async () => {
    Object.assign(azure.control.arm, { updateMs: 60_000, pollRetryAfter: 7 });
    const started = await call('PATCH', newVm(), assign('UserAssigned', { [newIdentity()]: {} }));
    const poll = await call('GET', started.headers.get('azure-asyncoperation') ?? '');
    expect(started.headers.get('location')).toBeNull();
    expect([poll.status, poll.body.status, poll.headers.get('retry-after')]).toEqual([200, 'InProgress', '7']);
    azure.control.arm.pollRetryAfter = undefined;
  });

  it('is followed by its location', async () => {
    Object.assign(azure.control.arm, { updateMs: 60_000, follow: 'location' });
    const started = await call('PATCH', newVm(), assign('UserAssigned', { [newIdentity()]: {} }));
    const poll = await call('GET', started.headers.get('location') ?? '');
    expect([poll.status, poll.headers.get('location')]).toEqual([202, expect.stringContaining('/operationResults/')]);
  });
});

it('ids come back in another case', async () => {
  const id = newIdentity();
  const vm = newVm({ userAssigned: [id] });
  azure.control.arm.idCase = 'upper';
  const { body } = await call('GET', vm);
  expect(Object.keys(body.identity?.userAssignedIdentities ?? {})).toEqual([id.toUpperCase()]);
});

it('every call is recorded with what it was about', async () => {
  const vm = newVm();
  await call('PATCH', vm, assign('UserAssigned', { [newIdentity()]: {} }));
  expect(azure.state.requests.at(-1)).toMatchObject({
    service: 'arm',
    operation: 'arm.update',
    method: 'PATCH',
    path: vm,
    status: 200,
    note: 'assign 1, remove 0',
  });
});
