import { azureIdentity, identityResourceId } from '@aad-pod-identity/testing';
import fc from 'fast-check';
import { type Cause, IdentityTally } from '../../src/world/identity-tally.ts';
import { createStores } from '../../src/world/stores.ts';
import type { RecordView } from '../../src/world/views.ts';
import { identityValue, recordView } from '../scene.ts';

const NAMES = ['x', 'y'];
const REASONS = ['Assigned', 'Assigning', 'Refused', 'none'];

interface Choice {
  readonly pod: number;
  readonly identity: number;
  readonly reason: number;
  readonly edited: boolean;
  readonly deleting: boolean;
}

function recordOf({ pod, identity, reason, edited, deleting }: Choice): RecordView {
  const name = NAMES[identity % NAMES.length] ?? '';
  const spec = edited ? { resourceID: identityResourceId('before') } : {};
  const word = REASONS[reason % REASONS.length] ?? '';
  const state = word === 'Assigned' ? 'Assigned' : 'Created';
  const view = recordView({ pod: `p${pod}`, name: `p${pod}`, identity: azureIdentity({ name, spec }), state });
  const ready = { type: 'Ready', status: '', reason: word, message: 'm', lastTransitionTime: '' };
  return { ...view, deleting, ready: word === 'none' ? undefined : ready };
}

/** The plain answer: by looking at every record. */
function plain(records: Iterable<RecordView>, name: string): string[] {
  const now = identityValue({ name });
  const own = [...records].filter(
    ({ identity, deleting }) =>
      !deleting && identity?.metadata.name === name && identity.spec.resourceID === now.spec.resourceID,
  );
  const words = own.map(({ state, ready }) => {
    if (state === 'Assigned') return 'works Assigned';
    return ready === undefined || ready.reason === 'Assigning'
      ? `pending ${ready?.reason ?? ''}`
      : `fails ${ready.reason}`;
  });
  return [...new Set(words)].sort();
}

const words = (causes: readonly Cause[]) => causes.map(({ outcome, reason }) => `${outcome} ${reason}`).sort();

const choice = fc.record({
  pod: fc.nat(5),
  identity: fc.nat(1),
  reason: fc.nat(3),
  edited: fc.boolean(),
  deleting: fc.boolean(),
});
const step = fc.oneof(choice, fc.nat(5));

it('whatever happens to records, it says what a look at all of them says, and tells of each change', () => {
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 6 }), fc.array(step, { maxLength: 30 }), (first, steps) => {
      const stores = createStores();
      for (const each of first) stores.records.apply(recordOf(each));
      const changed = new Set<string>();
      const tally = new IdentityTally((identity) => changed.add(identity));
      const end = tally.follow(stores);
      const now = (name: string) => words(tally.of(identityValue({ name })));
      for (const each of steps) {
        const before = new Map(NAMES.map((name) => [name, now(name).join()]));
        changed.clear();
        if (typeof each === 'number') stores.records.remove(`default/p${each}`);
        else stores.records.apply(recordOf(each));
        for (const name of NAMES) {
          expect(now(name)).toEqual(plain(stores.records.list(), name));
          if (now(name).join() !== before.get(name)) expect(changed).toContain(`default/${name}`);
        }
      }
      end();
    }),
  );
});

it('a hundred thousand records that say the same cost no more to ask than one', () => {
  const stores = createStores();
  const told: string[] = [];
  const tally = new IdentityTally((identity) => told.push(identity));
  tally.follow(stores);
  const record = recordView({ state: 'Assigned' });
  for (let index = 0; index < 100_000; index++) stores.records.apply({ ...record, name: `r${index}`, uid: `${index}` });
  expect(told).toHaveLength(1);
  expect(tally.of(identityValue())).toHaveLength(1);
});
