import { type ArmClient, ArmError, type IdentityChange, type ResourceIdentities } from '@aad-pod-identity/azure-arm';
import { fakeClock, identityResourceId } from '@aad-pod-identity/testing';
import fc from 'fast-check';
import { assign } from '../../src/apply/assign.ts';

const target = { kind: 'vm', subscriptionId: 's', resourceGroup: 'g', name: 'n' } as const;
const nothing: ResourceIdentities = {
  ...{ type: 'None', systemAssigned: false, provisioningState: 'Succeeded' },
  userAssigned: new Map(),
};
const idOf = (name: string): string => identityResourceId(name);
const armIdOf = (name: string): string => idOf(name).toLowerCase();

interface Behaviour {
  /** Names of identities that make a write fail. */
  readonly bad?: readonly string[];
  /** How many of them one error names. */
  readonly names?: number;
  /** Errors of the first writes. */
  readonly first?: readonly ArmError[];
  /** Names of identities that are there after the first failure. */
  readonly meanwhile?: readonly string[];
  /** What ARM says of the resource from then on. */
  readonly state?: string;
}

function withIds(
  current: ResourceIdentities,
  add: readonly string[],
  remove: readonly string[] = [],
): ResourceIdentities {
  const userAssigned = new Map(current.userAssigned);
  for (const id of add) userAssigned.set(id.toLowerCase(), { id });
  for (const id of remove) userAssigned.delete(id.toLowerCase());
  return { ...current, userAssigned };
}

/** ARM that knows only whether a write names a bad identity. */
function fakeArm(
  { bad = [], names = Infinity, first = [], meanwhile = [], state }: Behaviour,
  now: ResourceIdentities,
) {
  const writes: string[][] = [];
  const failures = [...first];
  let there = now;
  const updateIdentities = (
    _target: unknown,
    { add, remove, current }: IdentityChange,
  ): Promise<ResourceIdentities> => {
    writes.push([...add, ...remove].map((id) => id.split('/').at(-1) ?? ''));
    const failure = failures.shift();
    if (failure !== undefined) {
      there = withIds(there, meanwhile.map(idOf));
      if (state !== undefined) there = { ...there, provisioningState: state };
      return Promise.reject(failure);
    }
    const culprits = bad.map(armIdOf).filter((id) => [...add, ...remove].some((each) => each.toLowerCase() === id));
    if (culprits.length > 0)
      return Promise.reject(new ArmError('badIdentities', 'no', { ids: culprits.slice(0, names) }));
    there = withIds(current, add, remove);
    return Promise.resolve(there);
  };
  const arm: ArmClient = {
    writeTurn: () => Promise.reject(new Error('not asked for')),
    updateIdentities,
    getIdentities: () => Promise.resolve(there),
    lookupIdentity: () => Promise.reject(new Error('not asked for')),
  };
  return { arm, writes };
}

async function run(
  behaviour: Behaviour,
  add: readonly string[],
  suspects: readonly string[] = [],
  remove: readonly string[] = [],
) {
  const current = withIds(nothing, remove.map(idOf));
  const { arm, writes } = fakeArm(behaviour, current);
  const clock = fakeClock();
  const isSuspect = (armId: string): boolean => suspects.map(armIdOf).includes(armId);
  const job = { target, add: add.map(idOf), remove: remove.map(idOf), current, isSuspect, turn: undefined };
  const options = { arm, clock, maxRetries: 2, retryIntervalMs: 1000 };
  const running = assign(job, options, new AbortController().signal);
  for (let step = 0; step < 5; step++) await clock.advance(1000);
  const result = await running;
  return {
    writes,
    error: result.error?.code,
    refused: [...result.refused.keys()].map((id) => id.split('/').at(-1)).sort(),
    assigned:
      result.identities === undefined
        ? undefined
        : [...result.identities.userAssigned.keys()].map((id) => id.split('/').at(-1)).sort(),
  };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `i${index}`);

describe('assigning identities to one VM or scale set', () => {
  it('is one write for all of them, removals too', async () => {
    expect(await run({}, ['a', 'b'], [], ['c'])).toEqual({
      ...{ writes: [['a', 'b', 'c']], error: undefined, refused: [], assigned: ['a', 'b'] },
    });
  });

  it('leaves out what the error names and writes the rest at once', async () => {
    const result = await run({ bad: ['i3', 'i8', 'i15'] }, numbered(20));
    expect(result.writes).toHaveLength(2);
    expect(result).toMatchObject({ refused: ['i15', 'i3', 'i8'], error: undefined });
    expect(result.assigned).toHaveLength(17);
  });

  it('goes on when an error names one of several', async () => {
    const result = await run({ bad: ['i3', 'i8', 'i15'], names: 1 }, numbered(20));
    expect(result.writes).toHaveLength(4);
    expect(result.refused).toEqual(['i15', 'i3', 'i8']);
  });

  it('finds them by halving when the error names none', async () => {
    const result = await run({ bad: ['i3'], names: 0 }, numbered(16));
    expect(result.refused).toEqual(['i3']);
    expect(result.assigned).toHaveLength(15);
    expect(result.writes.length).toBeLessThanOrEqual(9);
  });

  it('writes what was refused before after the others, so that it cannot hold them up', async () => {
    const { writes } = await run({ bad: ['bad'] }, ['bad', 'good'], ['bad']);
    expect(writes).toEqual([['good'], ['bad']]);
  });

  it('names at most 150 in one write', async () => {
    const { writes, assigned } = await run({}, numbered(151));
    expect(writes.map((ids) => ids.length)).toEqual([150, 1]);
    expect(assigned).toHaveLength(151);
  });

  it.each([
    ['conflict', 3],
    ['unavailable', 3],
    ['unreachable', 3],
  ] as const)('tries again at once, twice, after %s', async (code, count) => {
    const first = Array.from({ length: 2 }, () => new ArmError(code, 'try again'));
    const result = await run({ first }, ['a']);
    expect(result.writes).toHaveLength(count);
    expect(result.assigned).toEqual(['a']);
  });

  it('looks before it tries again: what others put there meanwhile stays, and what was done is not done again', async () => {
    const first = [new ArmError('conflict', 'another write')];
    const result = await run({ first, meanwhile: ['theirs', 'a'] }, ['a', 'b'], [], ['c']);
    expect(result.writes).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    expect(result.assigned).toEqual(['a', 'b', 'theirs']);
  });

  it('writes nothing more when it turns out to be done', async () => {
    const first = [new ArmError('unreachable', 'the answer was lost')];
    const result = await run({ first, meanwhile: ['a'] }, ['a']);
    expect(result).toMatchObject({ writes: [['a']], error: undefined, assigned: ['a'] });
  });

  it.each(['conflict', 'unavailable', 'unreachable'] as const)(
    'writes nothing into a write that goes on after %s, and then does not know what is there',
    async (code) => {
      const result = await run({ first: [new ArmError(code, 'no')], state: 'Updating' }, ['a']);
      expect(result).toEqual({ writes: [['a']], error: code, refused: [], assigned: undefined });
    },
  );

  it.each([
    ['denied', []],
    ['deleting', []],
    ['throttled', undefined],
    ['unauthorized', undefined],
    ['timeout', undefined],
    ['failed', undefined],
  ] as const)('stops after %s, and then knows %j of what is there', async (code, assigned) => {
    const result = await run({ first: [new ArmError(code, 'no')] }, ['a', 'b']);
    expect(result).toEqual({ writes: [['a', 'b']], error: code, refused: [], assigned });
  });

  it('assigns all that are good and refuses all that are bad, however many the errors name', async () => {
    const identities = numbered(12);
    await fc.assert(
      fc.asyncProperty(fc.subarray(identities), fc.nat(3), async (bad, names) => {
        const result = await run({ bad, names }, identities);
        expect(result.refused).toEqual([...bad].sort());
        expect(result.assigned).toEqual(identities.filter((name) => !bad.includes(name)).sort());
        expect(result.writes.length).toBeLessThan(2 * identities.length);
      }),
      { numRuns: 60 },
    );
  });
});
