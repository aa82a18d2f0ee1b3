import type { ResourceIdentities } from '@aad-pod-identity/azure-arm';
import { type Doubt, doubtAfter, isFinal, isUnderWay } from '../../src/apply/doubt.ts';

const in_ = (provisioningState: string | undefined): ResourceIdentities => ({
  ...{ type: 'None', systemAssigned: false, userAssigned: new Map(), provisioningState },
});
const MINUTE = 60_000;

describe('a write of ours that nobody waits for', () => {
  it.each<[sentence: string, doubt: Doubt, state: string | undefined, now: number, left: Doubt]>([
    ['is over when ARM works on nothing', 0, 'Succeeded', MINUTE, undefined],
    ['is over when what ARM did has failed', 0, 'Failed', MINUTE, undefined],
    ['is over where ARM tells no state', 0, undefined, MINUTE, undefined],
    ['may not have begun a moment after it was sent', 0, 'Succeeded', 1000, 0],
    ['may go on while ARM works on anything', 0, 'Updating', MINUTE, 0],
    ['never was', undefined, 'Updating', MINUTE, undefined],
  ])('%s', (_sentence, doubt, state, now, left) => {
    expect(doubtAfter(doubt, in_(state), now)).toBe(left);
  });

  it.each<[sentence: string, doubt: Doubt, state: string, now: number, waits: boolean]>([
    ['the next write waits for it', 0, 'Updating', MINUTE, true],
    ['the next write does not wait for what others do', undefined, 'Updating', MINUTE, false],
    ['the next write does not wait where ARM works on nothing', 0, 'Succeeded', 1000, false],
    ['the next write does not wait for ever', 0, 'Updating', 7 * MINUTE, false],
  ])('%s', (_sentence, doubt, state, now, waits) => {
    expect(isUnderWay(doubt, in_(state), now)).toBe(waits);
  });

  it.each<[sentence: string, doubt: Doubt, state: string, final: boolean]>([
    ['what is not there stays away', undefined, 'Succeeded', true],
    ['what is not there may come while ARM works', undefined, 'Updating', false],
    ['what is not there may come while there is a doubt', 0, 'Succeeded', false],
  ])('%s', (_sentence, doubt, state, final) => {
    expect(isFinal(doubt, in_(state))).toBe(final);
  });
});
