import type { Condition } from '@aad-pod-identity/crd-types';
import {
  type IdentityScene,
  isOther,
  judgeIdentity,
  OUTCOME_STANDS_MS,
  standsFor,
} from '../../src/plan/identity-condition.ts';
import { identityView } from '../scene.ts';

const said = (status: string, reason: string, message = 'so it is'): Condition => ({
  ...{ type: 'Ready', status, reason, message },
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration: 1,
});
const works = { outcome: 'works', reason: 'Assigned', message: '' } as const;
const mismatch = { outcome: 'works', reason: 'ClientIDMismatch', message: 'another one' } as const;
const pending = { outcome: 'pending', reason: 'Assigning', message: '' } as const;
const fails = (reason: string) => ({ outcome: 'fails', reason, message: `because of ${reason}` }) as const;
const turnedAway = { reason: 'OtherNamespace', detail: 'of namespace a only' } as const;

const quiet: IdentityScene = {
  ...{ identity: identityView(), causes: [], problems: [], bindings: 1 },
  ...{ gone: undefined, before: undefined },
};
const judge = (scene: Partial<IdentityScene>): string => {
  const { kind, status, reason } = judgeIdentity({ ...quiet, ...scene });
  return `${kind} ${status} ${reason}`;
};

describe('the condition of an identity', () => {
  it.each<[string, Partial<IdentityScene>, string]>([
    ['nothing names it', { bindings: 0 }, 'pending Unknown NotBound'],
    ['no pod has it', {}, 'idle Unknown NoPods'],
    ['a pod waits for it', { causes: [pending] }, 'pending Unknown Assigning'],
    ['a pod has it', { causes: [works] }, 'outcome True Assigned'],
    ['one pod has it, another waits', { causes: [works, pending] }, 'outcome True Assigned'],
    ['one machine has it, ARM refuses it on another', { causes: [works, fails('X')] }, 'outcome False X'],
    ['a remark on it matters more than that it works', { causes: [works, mismatch] }, 'outcome True ClientIDMismatch'],
    ['of two failures the first by name is told', { causes: [fails('A'), fails('B')] }, 'outcome False A'],
    [
      'what was told stays told',
      { causes: [fails('A'), fails('B')], before: said('False', 'B', 'because of B') },
      'outcome False B',
    ],
    [
      'what ARM says of it',
      { causes: [works], gone: { reason: 'NotFound', message: 'none' } },
      'outcome False NotFound',
    ],
    [
      'it is invalid',
      { identity: identityView({ spec: { resourceID: 'x' } }), causes: [works] },
      'outcome False IdentityInvalid',
    ],
    [
      'a service principal lacks its tenant',
      { identity: identityView({ spec: { type: 1 } }) },
      'outcome False IdentityInvalid',
    ],
    ['it cannot be read', { identity: identityView({ spec: { type: 7 } }) }, 'outcome False IdentityUnreadable'],
    ['it is turned away from every pod', { problems: [turnedAway] }, 'idle False OtherNamespace'],
    ['some pods have it, others are turned away', { problems: [turnedAway], causes: [works] }, 'outcome True Assigned'],
    ['it worked, and a new pod waits', { causes: [pending], before: said('True', 'Assigned') }, 'kept True Assigned'],
    ['it failed, and a new pod waits', { causes: [pending], before: said('False', 'X') }, 'kept False X'],
    [
      'it was turned away, and a pod waits',
      { causes: [pending], before: said('False', 'OtherNamespace') },
      'pending Unknown Assigning',
    ],
  ])('%s', (_sentence, scene, expected) => {
    expect(judge(scene)).toBe(expected);
  });

  it.each([
    [{ resourceID: '/subscriptions/s' }, 'spec.resourceID'],
    [{ type: 1, clientID: '', tenantID: 't', clientPassword: { name: 'a', namespace: 'b' } }, 'spec.clientID'],
    [{ type: 2, tenantID: 't' }, 'spec.clientPassword.name'],
    [{ type: 'x' }, 'spec.type'],
  ])('of %j names the field %s', (spec, field) => {
    expect(judgeIdentity({ ...quiet, identity: identityView({ spec }) }).message).toContain(`${field}: found`);
  });

  it('has the beginning and the end of what ARM says, in at most 512 bytes', () => {
    const message = `who ${'ä'.repeat(2000)} the cause`;
    const judged = judgeIdentity({ ...quiet, causes: [{ outcome: 'fails', reason: 'X', message }] });
    expect(judged.message).toMatch(/^who .* the cause$/);
    expect(Buffer.byteLength(judged.message)).toBeLessThanOrEqual(512);
    const again = judgeIdentity({
      ...quiet,
      causes: [fails('A'), { outcome: 'fails', reason: 'X', message }],
      before: said('False', 'X', judged.message),
    });
    expect(again.reason).toBe('X');
  });
});

describe('an outcome', () => {
  const idle = judgeIdentity(quiet);
  it.each([
    ['stands for a while after the last pod', said('True', 'Assigned'), 0, OUTCOME_STANDS_MS],
    ['stands for what is left of it', said('False', 'X'), OUTCOME_STANDS_MS - 1, 1],
    ['is over then', said('True', 'Assigned'), OUTCOME_STANDS_MS, 0],
    ['that was none does not stand', said('Unknown', 'Assigning'), 0, 0],
    ['that was a reason of the cluster does not stand', said('False', 'OtherNamespace'), 0, 0],
    ['that was never said does not stand', undefined, 0, 0],
  ])('%s', (_sentence, before, idleMs, expected) => {
    expect(standsFor(idle, before, idleMs)).toBe(expected);
  });

  it('gives way to another at once', () => {
    expect(standsFor(judgeIdentity({ ...quiet, causes: [fails('X')] }), said('True', 'Assigned'), 0)).toBe(0);
  });
});

it.each([
  ['the same', said('True', 'A', 'm'), 1, false],
  ['another status', said('False', 'A', 'm'), 1, true],
  ['another reason', said('True', 'B', 'm'), 1, true],
  ['another message', said('True', 'A', 'n'), 1, true],
  ['another generation', said('True', 'A', 'm'), 2, true],
  ['none', undefined, 1, true],
])('%s is written or not', (_sentence, before, generation, expected) => {
  expect(isOther({ status: 'True', reason: 'A', message: 'm' }, generation, before)).toBe(expected);
});
