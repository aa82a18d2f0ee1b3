import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import type { TargetPlanInput } from '../../src/plan/target-plan.ts';
import { podView } from '../scene.ts';
import { armIdOf, idOf, need, nothing, plan, presentIds, record, summary } from './planned.ts';

describe('the plan for one VM or scale set', () => {
  it.each<[string, Partial<TargetPlanInput>, Partial<ReturnType<typeof summary>>]>([
    ['is empty where nothing is needed and nothing is there', {}, {}],
    [
      'records the pair, then assigns its identity, and takes note first that it is ours',
      { needs: [need('a')] },
      { create: ['demo-default-a Created'], add: [idOf('a')], ledger: [armIdOf('a')] },
    ],
    [
      'writes nothing to ARM for an identity that is there, in whatever case: Assigned at once, and not ours',
      { needs: [need('a')], present: presentIds('a') },
      { create: ['demo-default-a Assigned'] },
    ],
    [
      'says Assigned of what was Created once it is there',
      { needs: [need('a')], records: [record('a', { state: 'Created' })], present: presentIds('a') },
      { update: ['demo-default-a status Assigned'] },
    ],
    [
      'is empty in the steady state',
      { needs: [need('a')], records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]) },
      { ledger: [armIdOf('a')] },
    ],
    [
      'takes off what nobody needs any more, and keeps its record until it is off',
      { records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]) },
      { hold: ['demo-default-a'], remove: [idOf('a').toUpperCase()], ledger: [armIdOf('a')] },
    ],
    [
      'drops the record of what is off',
      { records: [record('a')], ledger: new Set([armIdOf('a')]) },
      { drop: ['demo-default-a'] },
    ],
    [
      'never takes off what was there before: its record only goes',
      { records: [record('a')], present: presentIds('a') },
      { drop: ['demo-default-a'] },
    ],
    [
      'never takes off what is protected',
      { records: [record('a')], present: presentIds('a'), ledger: new Set([armIdOf('a')]), isProtected: () => true },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'keeps an identity that another pod needs, and drops the record of the pod that is gone',
      {
        needs: [need('a', 'other')],
        records: [record('a'), record('a', { pod: 'other' })],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
      },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'says of a pod that came back on another machine that its identity is being assigned there',
      { needs: [need('a', 'demo', 'node-1')], records: [record('a', { node: 'node-0' })] },
      { update: ['demo-default-a content Created'], add: [idOf('a')], ledger: [armIdOf('a')] },
    ],
    [
      'puts back what somebody took off, and lets the record say Assigned meanwhile',
      { needs: [need('a')], records: [record('a')], ledger: new Set([armIdOf('a')]) },
      { add: [idOf('a')], ledger: [armIdOf('a')] },
    ],
    [
      'leaves an identity that rests after a failure alone, and says why',
      {
        needs: [need('a'), need('b')],
        isResting: (armId) => armId === armIdOf('a'),
        faultOf: (armId) => (armId === armIdOf('a') ? { reason: 'Refused', message: 'no' } : undefined),
      },
      {
        create: ['demo-default-a Created', 'demo-default-b Created'],
        add: [idOf('b')],
        ledger: [armIdOf('b')],
      },
    ],
    [
      'writes nothing to ARM while it does not know what is there, but records',
      { needs: [need('a')], present: undefined, ledger: new Set([armIdOf('x')]) },
      { create: ['demo-default-a Created'], ledger: [armIdOf('x')] },
    ],
    [
      'keeps the record of what may have to be taken off while it does not know what is there',
      { records: [record('x')], present: undefined, ledger: new Set([armIdOf('x')]) },
      { hold: ['demo-default-x'], ledger: [armIdOf('x')] },
    ],
    [
      'does not take Assigned back while it does not know what is there',
      {
        needs: [need('a')],
        records: [record('a')],
        present: undefined,
        faultOf: () => ({ reason: 'ArmUnreachable', message: 'no answer' }),
      },
      {},
    ],
    [
      'forgets nothing that may yet come by a write of ours that nobody waits for',
      { records: [record('a')], ledger: new Set([armIdOf('a')]), isFinal: false },
      { drop: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'writes nothing to ARM while such a write is under way, and still records',
      {
        needs: [need('b')],
        records: [record('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        isFinal: false,
        isUnderWay: true,
      },
      { create: ['demo-default-b Created'], hold: ['demo-default-a'], ledger: [armIdOf('a')] },
    ],
    [
      'does not call an identity usable that Azure lists without its ids: it was deleted there',
      { needs: [need('a')], records: [record('a')], present: new Map([[armIdOf('a'), { id: idOf('a') }]]) },
      { update: ['demo-default-a status Created'] },
    ],
    [
      'updates the record of a pod that came back on another node in place',
      { needs: [need('a', 'demo', 'node-1')], records: [record('a')], present: presentIds('a') },
      { update: ['demo-default-a content Assigned'] },
    ],
    [
      'replaces a record that names no identity',
      { needs: [need('a')], records: [record('a', { pod: '' })], present: presentIds('a') },
      {
        create: ['demo-default-a Assigned'],
        drop: ['-default-a'],
      },
    ],
    [
      'gives a pair its own name where the plain one is taken by another',
      { needs: [need('a')], present: presentIds('a'), isTaken: (_namespace, name) => name === 'demo-default-a' },
      { create: [expect.stringMatching(/^demo-default-a-[0-9a-f]{12} Assigned$/) as string] },
    ],
  ])('%s', (_sentence, input, expected) => {
    expect(summary(plan(input))).toEqual({ ...nothing, ...expected });
  });

  it('lets no record of 1.8.17 go before the ledger says what it says', () => {
    const old = { ...record('a'), finalizers: [LEGACY_FINALIZER] };
    const world = { needs: [need('a', 'other')], records: [old], present: presentIds('a') };
    expect(summary(plan(world))).toMatchObject({ drop: [], hold: ['demo-default-a'], ledger: [armIdOf('a')] });
    const listed = { ...world, ledger: new Set([armIdOf('a')]) };
    expect(summary(plan(listed))).toMatchObject({ drop: ['demo-default-a'], hold: [] });
  });

  it('takes identities that 1.8.17 assigned for its own: they go with their last pod', () => {
    const old = { ...record('a'), finalizers: [LEGACY_FINALIZER] };
    expect(summary(plan({ records: [old], present: presentIds('a') }))).toMatchObject({
      remove: [idOf('a').toUpperCase()],
      ledger: [armIdOf('a')],
    });
    const needed = plan({ needs: [need('a')], records: [old], present: presentIds('a') });
    expect(summary(needed)).toEqual({ ...nothing, ledger: [armIdOf('a')] });
  });

  it('serves two pairs whose plain names are one: a-b of c and a of b-c', () => {
    const pods = [podView({ name: 'a-b', namespace: 'c' }), podView({ name: 'a', namespace: 'b-c' })];
    const needs = pods.map((pod) => ({ ...need('x'), pod }));
    const { create } = summary(plan({ needs }));
    expect(create[0]).toBe('a-b-c-x Created');
    expect(create[1]).toMatch(/^a-b-c-x-[0-9a-f]{12} Created$/);
  });
});
