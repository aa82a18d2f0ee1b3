import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { parseAllDocuments } from 'yaml';
import { yamlOf } from '../../src/output/yaml.ts';
import { CLIENT_ID } from '../../src/plan/account-plans.ts';
import { MADE_FOR } from '../../src/plan/accounts.ts';
import { planMigration } from '../../src/plan/plan.ts';
import { USE_LABEL } from '../../src/plan/units.ts';
import { serviceAccount, workload } from '../objects.ts';
import { CLIENT, OTHER_CLIENT, type Raw, worldOf } from '../world.ts';

const usual = [azureIdentity({ spec: { clientID: CLIENT } }), azureIdentityBinding()];

const textOf = (objects: readonly Raw[]): string =>
  yamlOf(planMigration(worldOf(...objects), { forceNamespaced: false, namespace: '' }));

/** The objects as kubectl reads them, which knows YAML 1.1. */
const read = (text: string): unknown[] =>
  parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as unknown;
    })
    .filter((object) => object !== null);
const objectsOf = (...objects: readonly Raw[]): unknown[] => read(textOf([...usual, ...objects]));

const labelled = { metadata: { labels: { [USE_LABEL]: 'true' } } };
const own = { ...labelled, spec: { serviceAccountName: 'web' } };
const account = (name: string, annotations: Record<string, string> = {}) => ({
  ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
  metadata: { name, namespace: 'default', annotations: { [CLIENT_ID]: CLIENT, ...annotations } },
});
const metadata = { name: 'web', namespace: 'default' };
const runner = { label: 'demo', serviceAccount: 'runner' };

it.each<[string, readonly Raw[], unknown[]]>([
  [
    'a workload that runs as default gets a service account of its own',
    [workload({ label: 'demo' })],
    [
      account('web', { [MADE_FOR]: 'deployment/web' }),
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: own } },
    ],
  ],
  [
    'a workload with a service account keeps it',
    [workload({ kind: 'StatefulSet', ...runner })],
    [account('runner'), { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { template: labelled } }],
  ],
  [
    'a CronJob is patched where its pods are described',
    [workload({ kind: 'CronJob', ...runner })],
    [
      account('runner'),
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template: labelled } } } },
    ],
  ],
  [
    'a Job, whose template is fixed, gets its service account alone',
    [workload({ kind: 'Job', ...runner })],
    [account('runner')],
  ],
  [
    'a service account that is annotated already is not told again',
    [workload(runner), account('runner')],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: labelled } }],
  ],
  [
    'nothing is told of what is in transition',
    [workload({ ...runner, labels: { [USE_LABEL]: 'true' } }), account('runner')],
    [],
  ],
  [
    'a service account of its own is named again with the label, or a server-side apply would take it away',
    [workload({ label: 'demo', serviceAccount: 'web' }), account('web', { [MADE_FOR]: 'deployment/web' })],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: own } }],
  ],
  ['nothing is told of what has no identity', [workload({ label: 'none' })], []],
  ['nothing is told where an operator must decide first', [workload({ label: 'demo', serviceAccount: 'a b' })], []],
])('%s', (_sentence, objects, expected) => {
  expect(objectsOf(...objects)).toEqual(expected);
});

it('an identity without a client id gives no objects, and says so', () => {
  const text = textOf([azureIdentity({ spec: { clientID: '' } }), azureIdentityBinding(), workload(runner)]);
  expect(read(text)).toEqual([]);
  expect(text).toContain(
    '# Left out: service account default/runner and what runs as it: default/demo has no clientID',
  );
  expect(text).toContain('# There is nothing to apply.\n');
});

it('a service account that is there is printed whole, so that applying takes nothing from it', () => {
  const existing = {
    ...serviceAccount('runner', 'default', { team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }),
    imagePullSecrets: [{ name: 'registry' }],
    automountServiceAccountToken: false,
  };
  const [printed] = objectsOf(workload(runner), {
    ...existing,
    metadata: { ...existing.metadata, labels: { l: '1' } },
  });
  expect(printed).toEqual({
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', imagePullSecrets: [{ name: 'registry' }] },
    automountServiceAccountToken: false,
    metadata: {
      name: 'runner',
      namespace: 'default',
      labels: { l: '1' },
      annotations: { team: 'a', [CLIENT_ID]: CLIENT },
    },
  });
});

it('a service account of its own pulls images as default does, and takes none of its tokens', () => {
  const fields = { imagePullSecrets: [{ name: 'registry' }], secrets: [{ name: 'default-token' }] };
  const [printed] = objectsOf(workload({ label: 'demo' }), { ...serviceAccount('default'), ...fields });
  expect(printed).toMatchObject({ metadata: { name: 'web' }, imagePullSecrets: [{ name: 'registry' }] });
  expect(printed).not.toHaveProperty('secrets');
});

/** What YAML 1.1 takes for something else than a text, and what would end or begin a document. */
const WORDS = ['on', 'y', 'no', 'null', '~', '1e3', '0x1f', '1_000', '1:20:30', '2026-01-01', '.nan', 'true'];
const CODE = [
  'a\n---\nkind: Secret',
  '"\'',
  '{a: b}',
  '- x',
  '# x',
  '&a *a',
  '!!js x',
  '\u2028x',
  '\u0085x',
  'a: b',
  '| x',
  '%YAML',
];

it.each([...WORDS, ...CODE])('%j is a text, as value and as key', (text) => {
  const existing = { ...serviceAccount('runner', 'default', { [text]: text }), imagePullSecrets: [{ name: text }] };
  const [printed] = objectsOf(workload(runner), existing);
  expect(printed).toMatchObject({ imagePullSecrets: [{ name: text }], metadata: { annotations: { [text]: text } } });
});

it.each(WORDS.filter((word) => /^[a-z0-9-]+$/.test(word)))('%j is a text as a name', (name) => {
  const objects = objectsOf(workload({ namespace: name, name, label: 'demo', serviceAccount: name }));
  expect(objects).toMatchObject([{ metadata: { name, namespace: name } }, { metadata: { name, namespace: name } }]);
});

it.each(CODE)('code in a comment begins no document: %j', (code) => {
  const hindered = workload({ label: 'demo', serviceAccount: code });
  const idle = workload({ name: code, label: 'none' });
  expect(objectsOf(hindered, idle)).toEqual([]);
});

it.each(CODE)('a client id that is code is not printed: %j', (clientID) => {
  const objects = [azureIdentity({ spec: { clientID } }), azureIdentityBinding(), workload(runner)];
  expect(read(textOf(objects))).toEqual([]);
});

it('no client id of another service account is overwritten', () => {
  const existing = serviceAccount('runner', 'default', { [CLIENT_ID]: OTHER_CLIENT });
  expect(objectsOf(workload(runner), existing)).toEqual([]);
});
