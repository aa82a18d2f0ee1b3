import { ArmError } from '@aad-pod-identity/azure-arm';
import { fakeClock } from '@aad-pod-identity/testing';
import { IdentityFaults } from '../../src/apply/faults.ts';
import { OwnWrites } from '../../src/apply/own-writes.ts';
import { Pauses } from '../../src/apply/pauses.ts';
import { recordView } from '../scene.ts';

const refused = new ArmError('badIdentities', 'it does not exist', { armCode: 'FailedIdentityOperation' });

describe('an identity that ARM refused', () => {
  it('rests for itself, twice as long after each failure', async () => {
    const clock = fakeClock();
    const faults = new IdentityFaults(clock);
    const rests: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      faults.note('a', refused);
      const rest = faults.nextIn() ?? 0;
      expect([faults.isResting('a'), faults.isResting('b')]).toEqual([true, false]);
      rests.push(rest);
      await clock.advance(rest);
      expect(faults.isResting('a')).toBe(false);
    }
    expect(rests).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(faults.get('a')).toEqual({ reason: 'FailedIdentityOperation', message: 'it does not exist' });
  });

  it('starts anew once it was assigned, or once nobody needed it', () => {
    const faults = new IdentityFaults(fakeClock());
    for (const id of ['a', 'b', 'c']) faults.note(id, refused);
    faults.clear('a');
    faults.keepOnly(new Set(['c']));
    expect(['a', 'b', 'c'].map((id) => faults.has(id))).toEqual([false, false, true]);
  });
});

describe('a pause', () => {
  const one = { kind: 'vmss', subscriptionId: 'S', resourceGroup: 'g', name: 'one' } as const;
  const other = { ...one, name: 'other' };

  it.each([
    [
      '429 of a scale set holds its writes for as long as it says',
      'throttled',
      { retryAfterMs: 20_000 },
      20_000,
      undefined,
    ],
    ['429 of a subscription holds all of it', 'throttled', { retryAfterMs: 5000, scope: 'subscription' }, 5000, 5000],
    ['a deny assignment holds for an hour', 'denied', {}, 3_600_000, undefined],
    ['any other failure holds nothing', 'failed', {}, undefined, undefined],
  ] as const)('%s', (_sentence, code, details, forOne, forOther) => {
    const pauses = new Pauses(fakeClock());
    pauses.note('write', 'one', one, new ArmError(code, 'no', details));
    expect(pauses.current('write', 'one', one)?.ms).toBe(forOne);
    expect(pauses.current('write', 'other', other)?.ms).toBe(forOther);
    expect(pauses.current('read', 'one', one)).toBeUndefined();
  });

  it('ends', async () => {
    const clock = fakeClock();
    const pauses = new Pauses(clock);
    pauses.note('read', 'one', one, new ArmError('throttled', 'no', { retryAfterMs: 1000 }));
    await clock.advance(1000);
    expect(pauses.current('read', 'one', one)).toBeUndefined();
  });
});

describe('what MIC wrote and its store has not seen', () => {
  const old = { ...recordView({ state: 'Created' }), resourceVersion: '9' };
  const written = { ...recordView(), resourceVersion: '10' };

  it('is there although the store does not show it yet', () => {
    const writes = new OwnWrites(fakeClock());
    writes.created(written);
    expect(writes.over([])).toEqual([written]);
  });

  it('stands before what is older, and gives way to what is as new', () => {
    const writes = new OwnWrites(fakeClock());
    writes.updated(written);
    expect(writes.over([old])).toEqual([written]);
    const newer = { ...written, resourceVersion: '11' };
    expect(writes.over([newer])).toEqual([newer]);
  });

  it('is gone although the store still shows it', () => {
    const writes = new OwnWrites(fakeClock());
    writes.deleted(written);
    expect(writes.over([written])).toEqual([]);
    const another = { ...written, uid: 'another' };
    expect(writes.over([another])).toEqual([another]);
  });

  it('is not brought back when somebody has deleted it since', () => {
    const writes = new OwnWrites(fakeClock());
    writes.created(written);
    writes.over([old]);
    expect(writes.over([])).toEqual([]);
    writes.updated(written);
    expect(writes.over([])).toEqual([]);
  });

  it('is taken for its echo once, and then the store says what is', () => {
    const writes = new OwnWrites(fakeClock());
    writes.updated(written);
    expect([writes.takeEcho(written), writes.takeEcho(written)]).toEqual([true, false]);
    expect(writes.over([old])).toEqual([old]);
  });

  it.each([
    ['an older one', old],
    ['a newer one, of somebody else', { ...written, resourceVersion: '11' }],
    ['another of its name', { ...written, uid: 'another' }],
  ])('is not taken for %s', (_which, seen) => {
    const writes = new OwnWrites(fakeClock());
    writes.updated(written);
    expect(writes.takeEcho(seen)).toBe(false);
    expect(writes.over([old])).toEqual([written]);
  });

  it('that deleted a record has no echo: its place may have to be forgotten', () => {
    const writes = new OwnWrites(fakeClock());
    writes.deleted(written);
    expect(writes.takeEcho(written)).toBe(false);
  });

  it('is forgotten after a while', async () => {
    const clock = fakeClock();
    const writes = new OwnWrites(clock);
    writes.created(written);
    await clock.advance(30_000);
    expect(writes.over([])).toEqual([]);
  });
});
