import { inFlight } from '../../src/plan/in-flight.ts';
import type { TargetPlanInput } from '../../src/plan/target-plan.ts';
import { armIdOf, idOf, need, nothing, plan, presentIds, record, summary } from './planned.ts';

describe('while a write is in flight, the plan', () => {
  it.each<[string, Partial<TargetPlanInput>, Partial<ReturnType<typeof summary>>]>([
    [
      'does not call an identity usable that the write adds, even if ARM shows it already',
      { needs: [need('a')], present: presentIds('a'), inFlight: inFlight({ add: [idOf('a')], remove: [] }) },
      { create: ['demo-default-a Created'] },
    ],
    [
      'nor one that the write takes off: its pod came too late for it',
      {
        needs: [need('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        inFlight: inFlight({ add: [], remove: [idOf('a').toUpperCase()] }),
      },
      { create: ['demo-default-a Created'], ledger: [armIdOf('a')] },
    ],
    [
      'takes Assigned back from a record whose identity the write takes off',
      {
        needs: [need('a')],
        records: [record('a')],
        present: presentIds('a'),
        ledger: new Set([armIdOf('a')]),
        inFlight: inFlight({ add: [], remove: [idOf('a')] }),
      },
      { update: ['demo-default-a status Created'], ledger: [armIdOf('a')] },
    ],
    [
      'lets a record say Assigned whose identity the write puts back',
      {
        needs: [need('a')],
        records: [record('a')],
        ledger: new Set([armIdOf('a')]),
        inFlight: inFlight({ add: [idOf('a')], remove: [] }),
      },
      { ledger: [armIdOf('a')] },
    ],
    [
      'serves what is there, and drops what nobody needs',
      {
        needs: [need('a')],
        records: [record('b')],
        present: presentIds('a', 'b', 'c'),
        ledger: new Set([armIdOf('c')]),
        inFlight: inFlight({ add: [idOf('d')], remove: [idOf('c')] }),
      },
      { create: ['demo-default-a Assigned'], drop: ['demo-default-b'], ledger: [armIdOf('c')] },
    ],
    [
      'keeps records of what it adds or takes off, and the ledger as it is',
      {
        records: [record('a'), record('b')],
        present: presentIds('b'),
        ledger: new Set([armIdOf('a'), armIdOf('b')]),
        inFlight: inFlight({ add: [idOf('a')], remove: [idOf('b')] }),
      },
      { hold: ['demo-default-a', 'demo-default-b'], ledger: [armIdOf('a'), armIdOf('b')] },
    ],
  ])('%s', (_sentence, input, expected) => {
    const planned = plan({ isFinal: false, isUnderWay: true, ...input });
    expect(summary(planned)).toEqual({ ...nothing, ...expected });
  });
});
