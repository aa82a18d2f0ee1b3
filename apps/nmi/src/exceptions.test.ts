import { aPod } from '../test/objects.ts';
import { exceptionFor } from './exceptions.ts';

describe('MIC, which is excepted by its service account,', () => {
  const rules = { exceptionsIn: () => [], micNamespace: 'identity', micServiceAccounts: ['default', 'mic'] };
  it.each<[sentence: string, namespace: string, serviceAccount: string, excepted: boolean]>([
    ['is it in its namespace', 'identity', 'mic', true],
    ['is it in no other namespace', 'default', 'mic', false],
    ['is no pod that runs as another', 'identity', 'mic-2', false],
    ['is never who runs as default, be it named by the flag', 'identity', 'default', false],
  ])('%s', (_, namespace, serviceAccount, excepted) => {
    expect(exceptionFor(aPod({ namespace, serviceAccount }), rules) !== undefined).toBe(excepted);
  });
});
