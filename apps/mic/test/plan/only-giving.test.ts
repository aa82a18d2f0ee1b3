import { Caution } from '../../src/caution.ts';
import type { TargetPlanInput } from '../../src/plan/target-plan.ts';
import { armIdOf, idOf, need, plan, presentIds, record, summary } from './planned.ts';

const ours = (...names: string[]) => ({ present: presentIds(...names), ledger: new Set(names.map(armIdOf)) });

describe('while a new leader is not sure to know all pods', () => {
  it.each<[string, Partial<TargetPlanInput>, Partial<ReturnType<typeof summary>>]>([
    [
      'what is needed is recorded and assigned',
      { needs: [need('a')] },
      { create: ['demo-default-a Created'], add: [idOf('a')] },
    ],
    [
      'the state of a record is written',
      { needs: [need('a')], records: [record('a', { state: 'Created' })], ...ours('a') },
      { update: ['demo-default-a status Assigned'] },
    ],
    ['no record is dropped', { records: [record('a')] }, { drop: [], hold: ['demo-default-a'] }],
    ['no identity is taken off', { records: [record('a')], ...ours('a') }, { remove: [], hold: ['demo-default-a'] }],
    [
      'nothing is assigned beside what is to be taken off, for that is one write',
      { needs: [need('b')], records: [record('a')], ...ours('a') },
      { create: ['demo-default-b Created'], add: [], remove: [] },
    ],
    [
      'no record is handed to another node',
      { needs: [need('a', 'demo', 'node-1')], records: [record('a')], ...ours('a') },
      { update: [] },
    ],
  ])('%s', (_sentence, input, expected) => {
    expect(summary(new Caution().of('key', plan(input)))).toMatchObject(expected);
  });

  it('what was withheld is named once it is sure, and done from then on', () => {
    const caution = new Caution();
    const taking = plan({ records: [record('a')] });
    caution.of('one', taking);
    caution.of('two', plan({ needs: [need('a')] }));
    expect(caution.beSure()).toEqual(['one']);
    expect([caution.of('one', taking), caution.beSure()]).toEqual([taking, []]);
  });
});
