import { fakeClock } from '@aad-pod-identity/testing';
import { Replacements } from '../../src/apply/replacements.ts';
import { isOutdated, type KnownIdentity, UNASKED } from '../../src/plan/outdated.ts';
import { inFlight } from '../../src/plan/in-flight.ts';
import type { TargetPlanInput } from '../../src/plan/target-plan.ts';
import { armIdOf, idOf, need, nothing, plan, presentIds, record, summary } from './planned.ts';

const fact = { clientId: 'New-Client', principalId: 'new-principal', tenantId: 'tenant' };
const exists: KnownIdentity = { fact, existence: 'exists', at: 0 };
const fault = { fault: { reason: 'x', message: 'x' } };
const unknown: KnownIdentity = { fact: fault, existence: 'unknown', at: 0 };
const gone: KnownIdentity = { fact: fault, existence: 'gone', at: 0 };

type Shown = Parameters<typeof isOutdated>[0];

describe('what a VM or scale set shows is outdated', () => {
  it.each<[sentence: string, shown: Shown, shownAt: number, known: KnownIdentity, outdated: boolean]>([
    ['if it has no ids and the identity exists', {}, 0, exists, true],
    ['if its client id is another', { clientId: 'old-client' }, 0, exists, true],
    ['if its principal is another', { clientId: 'new-client', principalId: 'old-principal' }, 0, exists, true],
    ['if it has no ids and MIC may not read the identity', {}, 0, unknown, true],
    [
      'not if the ids are the same in whatever case',
      { clientId: 'new-client', principalId: 'NEW-principal' },
      0,
      exists,
      false,
    ],
    ['not if it tells no principal and the client id is the same', { clientId: 'new-client' }, 0, exists, false],
    ['not if the identity does not exist any more: there is nothing to put in its place', {}, 0, gone, false],
    ['not before the identity was looked up', {}, 0, UNASKED, false],
    ['not if MIC may not read the identity: any id may be right', { clientId: 'any' }, 0, unknown, false],
    [
      'not if the answer about the identity is older, for then that may be the outdated one',
      { clientId: 'old' },
      60_001,
      exists,
      false,
    ],
  ])('%s', (_sentence, shown, shownAt, known, outdated) => {
    expect(isOutdated(shown, shownAt, known)).toBe(outdated);
  });
});

describe('an identity that is replaced', () => {
  it('is replaced ever more rarely where that does not help, and at once an hour later', async () => {
    const clock = fakeClock();
    const replacements = new Replacements(clock);
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      replacements.replaced('a');
      const from = clock.monotonic();
      while (!replacements.isDue('a', true)) await clock.advance(1000);
      waits.push(clock.monotonic() - from);
    }
    expect([waits, replacements.isDue('b', true)]).toEqual([[10_000, 20_000, 40_000], true]);
    await clock.advance(61 * 60_000);
    replacements.replaced('a');
    await clock.advance(10_000);
    expect(replacements.isDue('a', true)).toBe(true);
  });

  it('may be shown without ids for a moment after it was assigned', async () => {
    const clock = fakeClock();
    const replacements = new Replacements(clock);
    replacements.assigned('a');
    expect([replacements.isDue('a', false), replacements.isDue('a', true)]).toEqual([false, true]);
    await clock.advance(60_000);
    expect(replacements.isDue('a', false)).toBe(true);
  });

  it('starts anew once nobody needs it', () => {
    const replacements = new Replacements(fakeClock());
    replacements.replaced('a');
    replacements.keepOnly(new Set());
    expect(replacements.isDue('a', false)).toBe(true);
  });
});

describe('the plan for one VM or scale set', () => {
  it.each<[string, Partial<TargetPlanInput>, Partial<ReturnType<typeof summary>>]>([
    [
      'takes off an identity that was recreated in Azure, to put it back once it is off, and takes Assigned back',
      {
        needs: [need('a'), need('b')],
        records: [record('a'), record('b')],
        present: presentIds('a', 'b'),
        ledger: new Set([armIdOf('a'), armIdOf('b')]),
        isOutdated: (armId) => armId === armIdOf('a'),
      },
      {
        update: ['demo-default-a status Created'],
        remove: [idOf('a').toUpperCase()],
        ledger: [armIdOf('a'), armIdOf('b')],
      },
    ],
    [
      'says the same while the write that takes it off goes on',
      {
        needs: [need('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        isOutdated: () => true,
        inFlight: inFlight({ add: [], remove: [idOf('a')] }),
        isUnderWay: true,
        isFinal: false,
      },
      { create: ['demo-default-a Created'], ledger: [armIdOf('a')] },
    ],
    [
      'leaves a recreated one alone for a while if replacing it did not help',
      {
        needs: [need('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        isOutdated: () => true,
        mayReplace: () => false,
      },
      { create: ['demo-default-a Created'], ledger: [armIdOf('a')] },
    ],
    [
      'never takes off a recreated one that somebody else assigned',
      { needs: [need('a')], present: presentIds('a'), isOutdated: () => true },
      { create: ['demo-default-a Created'] },
    ],
    [
      'never takes off a recreated one that is protected',
      {
        needs: [need('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        isOutdated: () => true,
        isProtected: () => true,
      },
      { create: ['demo-default-a Created'], ledger: [armIdOf('a')] },
    ],
  ])('%s', (_sentence, input, expected) => {
    expect(summary(plan(input))).toEqual({ ...nothing, ...expected });
  });

  it('says in the record that an identity was recreated, and what becomes of it', () => {
    const world = { needs: [need('a')], present: presentIds('a'), isOutdated: () => true };
    const messageOf = (input: Partial<TargetPlanInput>) => plan({ ...world, ...input }).records.create[0]?.status;
    const owned = { ledger: new Set([armIdOf('a')]) };
    expect(messageOf(owned)).toMatchObject({
      reason: 'IdentityRecreated',
      message: expect.stringMatching(/it is replaced$/) as string,
    });
    expect(messageOf({})).toMatchObject({
      reason: 'IdentityRecreated',
      message: expect.stringContaining('take it off') as string,
    });
    const fault = { reason: 'TooManyRequests', message: 'later' };
    expect(messageOf({ ...owned, faultOf: () => fault })).toMatchObject(fault);
    expect(messageOf({ ...owned, inFlight: inFlight({ add: [], remove: [idOf('a')] }) })).toMatchObject({
      reason: 'IdentityRecreated',
    });
  });
});
