import { targetResourceId } from '../src/index.ts';
import { type Bench, newIdentity, newScaleSet, newVm, startBench } from './azure.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  await bench.azure.control.reset();
  Object.assign(bench.azure.control.arm, {
    updateMs: 0,
    follow: 'operation',
    idCase: 'asGiven',
    pollRetryAfter: undefined,
  });
});

const assigned = (target: Parameters<typeof targetResourceId>[0]): string[] =>
  bench.azure.state.assignedTo(targetResourceId(target));

describe('identities on compute resources', () => {
  it.each([
    ['a VM', newVm],
    ['a scale set', newScaleSet],
  ])('are read from %s with their client and principal ids', async (_, create) => {
    const identity = newIdentity(bench.azure);
    const target = create(bench.azure, { userAssigned: [identity.id] });
    const found = await bench.arm.getIdentities(target);
    expect(found).toMatchObject({ type: 'UserAssigned', systemAssigned: false, provisioningState: 'Succeeded' });
    const { clientId, principalId } = identity;
    expect([...found.userAssigned]).toEqual([[identity.id.toLowerCase(), { id: identity.id, clientId, principalId }]]);
  });

  it('are none on a new resource', async () => {
    const found = await bench.arm.getIdentities(newVm(bench.azure));
    expect(found).toMatchObject({ type: 'None', systemAssigned: false });
    expect(found.userAssigned.size).toBe(0);
  });

  it.each(['lower', 'upper'] as const)('have the same key when ARM gives ids in %s case', async (idCase) => {
    const identity = newIdentity(bench.azure);
    const target = newVm(bench.azure, { userAssigned: [identity.id] });
    bench.azure.control.arm.idCase = idCase;
    const found = await bench.arm.getIdentities(target);
    expect([...found.userAssigned.keys()]).toEqual([identity.id.toLowerCase()]);
  });

  it('have no client id once they were deleted in Azure', async () => {
    const identity = newIdentity(bench.azure);
    const target = newVm(bench.azure, { userAssigned: [identity.id] });
    bench.azure.control.breakIdentity(identity.id, 'missing');
    const found = await bench.arm.getIdentities(target);
    expect([...found.userAssigned.values()]).toEqual([{ id: identity.id }]);
  });
});

describe('an update', () => {
  it.each([
    ['a VM', 0, 'operation', newVm],
    ['a VM', 20, 'operation', newVm],
    ['a VM', 20, 'location', newVm],
    ['a scale set', 0, 'operation', newScaleSet],
    ['a scale set', 20, 'operation', newScaleSet],
    ['a scale set', 20, 'location', newScaleSet],
  ] as const)(
    'adds and removes on %s that takes %d ms and is followed by its %s',
    async (_, updateMs, follow, create) => {
      const [kept, gone, fresh] = [newIdentity(bench.azure), newIdentity(bench.azure), newIdentity(bench.azure)];
      const target = create(bench.azure, { userAssigned: [kept.id, gone.id] });
      Object.assign(bench.azure.control.arm, { updateMs, follow });
      const current = await bench.arm.getIdentities(target);
      const after = await bench.arm.updateIdentities(target, {
        add: [fresh.id],
        remove: [gone.id.toUpperCase()],
        current,
      });
      const expected = [kept.id, fresh.id].map((id) => id.toLowerCase()).sort();
      expect([...after.userAssigned.keys()].sort()).toEqual(expected);
      expect(assigned(target)).toEqual(expected);
    },
  );

  it.each([
    ['the first identity is added', true, 0, 1, 'SystemAssigned, UserAssigned'],
    ['the last identity is removed', true, 1, 0, 'SystemAssigned'],
    ['the first identity is added', false, 0, 1, 'UserAssigned'],
    ['the last identity is removed', false, 1, 0, 'None'],
  ])('when %s (system-assigned before: %p) leaves the right type', async (_, systemAssigned, before, after, type) => {
    const { id } = newIdentity(bench.azure);
    const target = newVm(bench.azure, { systemAssigned, userAssigned: before ? [id] : [] });
    const current = await bench.arm.getIdentities(target);
    const change = { add: after ? [id] : [], remove: before ? [id] : [], current };
    const result = await bench.arm.updateIdentities(target, change);
    expect(result).toMatchObject({ type, systemAssigned });
    expect(assigned(target)).toHaveLength(after);
  });

  it('keeps the principal of a system-assigned identity', async () => {
    const target = newVm(bench.azure, { systemAssigned: true });
    const { systemAssigned } = bench.azure.state.resource(targetResourceId(target));
    const current = await bench.arm.getIdentities(target);
    await bench.arm.updateIdentities(target, { add: [newIdentity(bench.azure).id], remove: [], current });
    expect(bench.azure.state.resource(targetResourceId(target)).systemAssigned).toEqual(systemAssigned);
  });

  it('waits as long as polls ask for by Retry-After, and then knows the end', async () => {
    const { id } = newIdentity(bench.azure);
    const target = newScaleSet(bench.azure);
    Object.assign(bench.azure.control.arm, { updateMs: 2_500, pollRetryAfter: 1 });
    const current = await bench.arm.getIdentities(target);
    await bench.arm.updateIdentities(target, { add: [id], remove: [], current });
    const polls = bench.azure.state.requests.filter(
      ({ operation, note, query }) => operation === 'arm.poll' && note === 'in progress' && query.includes('p=1'),
    );
    expect(polls.length).toBeGreaterThanOrEqual(1);
    expect(assigned(target)).toEqual([id.toLowerCase()]);
  });

  it('is refused unsent above 150 identities', async () => {
    const target = newVm(bench.azure);
    const current = await bench.arm.getIdentities(target);
    const add = Array.from({ length: 151 }, (_, index) => `/subscriptions/s/resourcegroups/g/x/${index}`);
    const before = bench.azure.state.requests.length;
    await expect(bench.arm.updateIdentities(target, { add, remove: [], current })).rejects.toMatchObject({
      code: 'failed',
    });
    expect(bench.azure.state.requests).toHaveLength(before);
  });

  it('of 150 identities is one request', async () => {
    const ids = Array.from({ length: 150 }, () => newIdentity(bench.azure).id);
    const target = newVm(bench.azure);
    const current = await bench.arm.getIdentities(target);
    await bench.arm.updateIdentities(target, { add: ids, remove: [], current });
    expect(assigned(target)).toHaveLength(150);
  });

  it('is refused unsent on a resource that is being deleted', async () => {
    const target = newVm(bench.azure);
    bench.azure.control.provisioningState(targetResourceId(target), 'Deleting');
    const current = await bench.arm.getIdentities(target);
    const change = { add: [newIdentity(bench.azure).id], remove: [], current };
    await expect(bench.arm.updateIdentities(target, change)).rejects.toMatchObject({ code: 'deleting' });
    expect(bench.azure.state.requests.filter(({ operation }) => operation === 'arm.update').at(-1)?.path).not.toContain(
      target.name,
    );
  });

  it('in flight makes another one a conflict, which Azure notices', async () => {
    const target = newScaleSet(bench.azure);
    const current = await bench.arm.getIdentities(target);
    bench.azure.control.arm.updateMs = 600_000;
    const change = { add: [newIdentity(bench.azure).id], remove: [], current };
    const controller = new AbortController();
    const begun = Promise.withResolvers<undefined>();
    const unsubscribe = bench.azure.state.recorder.subscribe(({ operation }) => {
      if (operation === 'arm.update') begun.resolve(undefined);
    });
    const first = bench.arm.updateIdentities(target, change, controller.signal);
    await begun.promise;
    unsubscribe();
    await expect(bench.arm.updateIdentities(target, change)).rejects.toMatchObject({ code: 'conflict', status: 409 });
    expect(bench.azure.state.concurrentWrites.at(-1)?.resource).toBe(targetResourceId(target));
    const reason = new Error('end of the test');
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
  });
});

describe('looking up an identity', () => {
  it('gives its ids, whatever the case of its resource id', async () => {
    const { id, clientId, principalId, tenantId } = newIdentity(bench.azure);
    expect(await bench.arm.lookupIdentity(id.toUpperCase())).toEqual({ clientId, principalId, tenantId });
  });

  it.each([
    [
      'there is none',
      `/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none`,
    ],
    ['the id is none of an identity', '/subscriptions/s/resourcegroups/g'],
  ])('says notFound when %s', async (_, id) => {
    await expect(bench.arm.lookupIdentity(id)).rejects.toMatchObject({ name: 'ArmError', code: 'notFound' });
  });
});
