import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { CLIENT_ID, TENANT_ID } from '../../src/plan/account-plans.ts';
import { MADE_FOR } from '../../src/plan/accounts.ts';
import { subjectOf } from '../../src/plan/credentials.ts';
import { planMigration } from '../../src/plan/plan.ts';
import { USE_LABEL } from '../../src/plan/units.ts';
import { serviceAccount, workload } from '../objects.ts';
import { CLIENT, OTHER_CLIENT, type Raw, worldOf } from '../world.ts';

const demo = azureIdentity({ spec: { clientID: CLIENT } });
const usual = [demo, azureIdentityBinding()];
const web = (kind: 'Deployment' | 'StatefulSet' | 'CronJob' = 'Deployment', name = 'web') =>
  workload({ kind, name, label: 'demo' });

const planOf = (objects: readonly Raw[], namespace = '') =>
  planMigration(worldOf(...usual, ...objects), { forceNamespaced: false, namespace });

/** `Kind name: service account` of each workload. */
const accounts = (...objects: readonly Raw[]): string[] =>
  planOf(objects).workloads.map(({ unit, account }) => `${unit.kind} ${unit.name}: ${account}`);

describe('the service account that a workload is to run as', () => {
  it.each<[string, readonly Raw[], string[]]>([
    ['is its own', [workload({ label: 'demo', serviceAccount: 'runner' })], ['Deployment web: runner']],
    ['is a new one of its name, where it runs as default', [web()], ['Deployment web: web']],
    [
      'is told apart by its kind, where two have one name',
      [web(), web('StatefulSet')],
      ['Deployment web: web', 'StatefulSet web: web-statefulset'],
    ],
    ['is not one that somebody else made', [web(), serviceAccount('web')], ['Deployment web: web-deployment']],
    [
      'is not one that another workload runs as, made or not',
      [web(), workload({ name: 'z', serviceAccount: 'web' })],
      ['Deployment web: web-deployment'],
    ],
    [
      'has a digest at its end, where both names are taken',
      [web(), serviceAccount('web'), serviceAccount('web-deployment')],
      [expect.stringMatching(/^Deployment web: web-[0-9a-f]{8}$/) as string],
    ],
    [
      'is the one that an earlier plan made for it',
      [web(), web('CronJob'), serviceAccount('web', 'default', { [MADE_FOR]: 'deployment/web' })],
      ['CronJob web: web-cronjob', 'Deployment web: web'],
    ],
    [
      'is never default, whatever the workload is called',
      [web('Deployment', 'default')],
      ['Deployment default: default-deployment'],
    ],
    ['is taken in its own namespace only', [web(), serviceAccount('web', 'other')], ['Deployment web: web']],
  ])('%s', (_sentence, objects, expected) => {
    expect(accounts(...objects)).toEqual(expected);
  });
});

describe('its annotations', () => {
  it('name the client id, and for whom it was made', () => {
    expect(planOf([web()]).accounts[0]?.annotations).toEqual({ [CLIENT_ID]: CLIENT, [MADE_FOR]: 'deployment/web' });
  });

  it('name the tenant where that is known', () => {
    const spec = { type: 1, clientID: OTHER_CLIENT, tenantID: 'contoso.onmicrosoft.com' };
    const objects = [azureIdentity({ name: 'sp', spec }), azureIdentityBinding({ name: 'sp' })];
    const plan = planOf([...objects, workload({ label: 'sp', serviceAccount: 'runner' })]);
    expect(plan.accounts[0]).toMatchObject({
      annotations: { [CLIENT_ID]: OTHER_CLIENT, [TENANT_ID]: 'contoso.onmicrosoft.com' },
      incomplete: undefined,
    });
  });
});

describe('federated credentials', () => {
  const subjects = (...objects: readonly Raw[]): string[] => planOf(objects).credentials.map(subjectOf);
  const shared = (name: string) => workload({ name, label: 'demo', serviceAccount: 'runner' });

  it.each<[string, readonly Raw[], string[]]>([
    ['are for the subject of the service account', [web()], ['system:serviceaccount:default:web']],
    ['are one for workloads that share it', [shared('a'), shared('b')], ['system:serviceaccount:default:runner']],
    [
      'are one for two AzureIdentities of the same identity in Azure',
      [
        azureIdentity({
          name: 'again',
          spec: { clientID: CLIENT, resourceID: demo.spec.resourceID.toUpperCase() },
        }),
        azureIdentityBinding({ name: 'again', selector: 'demo' }),
        shared('a'),
      ],
      ['system:serviceaccount:default:runner'],
    ],
    [
      'are still wanted while a workload is in transition',
      [workload({ label: 'demo', serviceAccount: 'runner', labels: { [USE_LABEL]: 'true' } })],
      ['system:serviceaccount:default:runner'],
    ],
    ['are none for what is migrated', [workload({ serviceAccount: 'runner', labels: { [USE_LABEL]: 'true' } })], []],
    ['are none where an operator must decide first', [workload({ label: 'demo', serviceAccount: 'a b' })], []],
  ])('%s', (_sentence, objects, expected) => {
    expect(subjects(...objects)).toEqual(expected);
  });

  it('are none for a service account whose workloads use different identities: each would get the other’s', () => {
    const other = azureIdentity({ name: 'other', spec: { clientID: OTHER_CLIENT } });
    const b = workload({ name: 'b', label: 'other', serviceAccount: 'runner' });
    expect(subjects(other, azureIdentityBinding({ name: 'other' }), shared('a'), b)).toEqual([]);
  });
});

it('an identity in Azure is the same with a client id and without, of two AzureIdentities', () => {
  const again = azureIdentity({
    name: 'again',
    spec: { clientID: '', resourceID: demo.spec.resourceID.toUpperCase() },
  });
  const b = workload({ name: 'b', label: 'again', serviceAccount: 'runner' });
  const a = workload({ name: 'a', label: 'demo', serviceAccount: 'runner' });
  const plan = planOf([again, azureIdentityBinding({ name: 'again' }), a, b]);
  expect(plan.accounts.map(({ hindrance }) => hindrance)).toEqual([undefined]);
  expect(plan.credentials).toHaveLength(1);
});

it('one namespace is told of alone, with the limit counted over all', () => {
  const many = Array.from({ length: 21 }, (_, index) =>
    workload({ name: `w${index}`, namespace: index === 0 ? 'shop' : 'x', label: 'demo' }),
  );
  const plan = planOf(many, 'shop');
  expect([plan.workloads.length, plan.accounts.length, plan.credentials.length]).toEqual([1, 1, 1]);
  expect(plan.notes).toEqual([expect.stringContaining('would get 21 federated credentials') as string]);
});
