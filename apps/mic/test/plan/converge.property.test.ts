import { identityResourceId } from '@aad-pod-identity/testing';
import fc from 'fast-check';
import { Model, type Phase } from './model.ts';
import { arrange, IDENTITIES, specification, type WorldChoice } from './world.ts';

const small = fc.nat(5);

const world: fc.Arbitrary<WorldChoice> = fc.record({
  pods: fc.uniqueArray(
    fc.record({ name: fc.nat(2), namespace: fc.nat(2), node: fc.nat(4), label: fc.nat(1), done: fc.boolean() }),
    { maxLength: 7, selector: ({ name, namespace }) => `${name}/${namespace}` },
  ),
  bindings: fc.array(fc.record({ namespace: small, identity: small, selector: small }), { maxLength: 6 }),
  identities: fc.array(fc.constantFrom('msi', 'msi', 'msi', 'malformed', 'principal', 'missing'), {
    minLength: IDENTITIES.length,
    maxLength: IDENTITIES.length,
  }),
});

const crash = fc.record({
  key: fc.nat(),
  phase: fc.constantFrom<Phase>('records', 'ledger', 'arm', 'nothing'),
});
const someIds = fc.subarray(IDENTITIES.map((name) => identityResourceId(name).toLowerCase()));
/**
 * Worlds one after another; before each, some identities are recreated in Azure; in each, some passes that end too
 * early, and one during whose write the next world comes.
 */
const history = fc.array(fc.tuple(someIds, world, fc.array(crash, { maxLength: 4 }), fc.option(crash), world), {
  minLength: 1,
  maxLength: 4,
});

/** One more than without identities that are recreated: those are taken off and put back. */
const MOST_PASSES = 5;

/** Passes over every key until nothing is written any more; gives how many rounds that took. */
function settle(model: Model): number {
  for (let round = 1; ; round++) {
    const before = model.writes;
    for (const key of model.keys()) model.pass(key);
    if (model.writes === before || round > MOST_PASSES) return round;
  }
}

function passSome(model: Model, crashes: readonly { key: number; phase: Phase }[], meanwhile?: () => void): void {
  for (const { key, phase } of crashes) {
    const keys = model.keys();
    const chosen = keys[key % Math.max(1, keys.length)];
    if (chosen !== undefined) model.pass(chosen, phase, meanwhile);
  }
}

function check(model: Model, before: readonly string[]): void {
  const { pairs, needed } = specification(model.stores);
  expect(model.pairsWithRecords().sort()).toEqual([...pairs].sort());
  // Of the old ones only those of others are left, and nobody can use them.
  expect([...model.outdated].filter((spot) => !before.some((id) => spot.endsWith(id)))).toEqual([]);
  expect(model.assigned().filter(({ armId, isAssigned }) => !isAssigned && !before.includes(armId))).toEqual([]);
  for (const target of ['set', 'vm']) {
    const wanted = new Set([...before, ...(needed.get(target) ?? [])]);
    expect([...(model.azure.get(target) ?? [])].sort()).toEqual([...wanted].sort());
  }
}

it('whatever happens, and wherever MIC is killed, the plan leads to what a plain look at everything asks for', () => {
  fc.assert(
    fc.property(history, someIds, (worlds, before) => {
      const model = new Model();
      for (const target of ['set', 'vm']) model.azure.set(target, new Set(before));
      for (const [recreated, choice, crashes, overtaken, next] of worlds) {
        for (const armId of recreated) model.recreate(armId);
        arrange(model.stores, choice);
        passSome(model, crashes);
        if (overtaken !== null) {
          passSome(model, [overtaken], () => {
            arrange(model.stores, next);
          });
        }
        expect(settle(model)).toBeLessThanOrEqual(MOST_PASSES);
        check(model, before);
      }
      expect(model.early).toEqual([]);
      const wrong = model.removed.filter(
        ({ id, wasNeeded, wasOutdated }) => before.includes(id) || (wasNeeded && !wasOutdated),
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
