/** What the chart can add, on a real API server: admission policies, network policy, monitors, Pod Security. */
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { runHelm, withValues } from '../../src/helm.ts';
import { withHooks } from '../../src/hook-runner.ts';
import { apply, until } from '../../src/node-cluster.ts';
import { CHART, HELM } from './chart.ts';
import { OTHERS } from './others.ts';

const GROUP = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities';
const TEAM = 'system:serviceaccount:team:default';

const VALUES = {
  image: { repository: 'registry.example.com/aad' },
  podSecurity: { labelNamespace: true },
  networkPolicy: { enabled: true },
  openshift: { securityContextConstraints: true },
  cilium: { localRedirectPolicy: true },
  rbac: { createUserFacingClusterRoles: true },
  mic: { podDisruptionBudget: { minAvailable: 1 } },
  monitoring: {
    ...{ podMonitor: { enabled: true }, serviceMonitor: { enabled: true } },
    ...{ prometheusRule: { enabled: true }, dashboards: { enabled: true } },
  },
  policies: {
    ...{ bindings: { enabled: true }, dropNetRaw: { enabled: true } },
    identities: { enabled: true, allowed: { team: [`${GROUP}/Theirs`, 'Their-Principal'], platform: ['*'] } },
  },
};

const object = (kind: string, name: string, spec: object, namespace = 'team') => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace }, spec },
});
const pod = (name: string, securityContext?: object, labels: object = { aadpodidbinding: 'web' }) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'team', labels } },
  spec: { containers: [{ name: 'main', image: 'registry.example.com/app:1', securityContext }] },
});

let cluster: Cluster;

/** What the API server says to the team; nothing where it admits the object. */
async function saidTo(user: string, wanted: object): Promise<string> {
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, `--as=${user}`, 'create', '-f', '-'];
  const { code, stderr } = await cluster.exec([...command, '--dry-run=server'], JSON.stringify(wanted));
  return code === 0 ? '' : stderr;
}

beforeAll(async () => {
  cluster = await startCluster({ profile: 'control-plane', name: 'e2e-chart-policies', fresh: true });
  for (const name of ['identity', 'team', 'platform']) await cluster.kubectl('create', 'namespace', name);
  await apply(cluster, OTHERS);
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  const install = (file: string) =>
    runHelm(HELM, cluster, ['install', 'aad-pod-identity', CHART, '-n', 'identity', file]);
  await withHooks(cluster, () => withValues(VALUES, install));
  for (const namespace of ['team', 'platform']) {
    const edit = ['--clusterrole=edit', '--serviceaccount=team:default'];
    await cluster.kubectl('create', 'rolebinding', 'team', '-n', namespace, ...edit);
  }
  const rules = [
    { apiGroups: ['aadpodidentity.k8s.io'], resources: ['azureidentities'], resourceNames: ['mine'], verbs: ['bind'] },
  ];
  const metadata = { name: 'binder', namespace: 'team' };
  await apply(cluster, [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules }]);
  const binder = ['--role=binder', '--serviceaccount=team:default'];
  await cluster.kubectl('create', 'rolebinding', 'binder', '-n', 'team', ...binder);
  // aggregated roles and policies take a moment
  await until(async () =>
    (await saidTo(TEAM, object('AzureIdentityBinding', 'b', { azureIdentity: 'x', selector: 'web' }))).includes(
      'may not bind',
    ),
  );
  await until(async () => (await saidTo(TEAM, pod('p'))).includes('NET_RAW'));
});
afterAll(() => cluster.stop());

describe.each<[sentence: string, wanted: object, said: RegExp]>([
  [
    'a binding of the identity that the team may bind',
    object('AzureIdentityBinding', 'b', { azureIdentity: 'mine', selector: 'web' }),
    /^$/,
  ],
  [
    'a binding of another',
    object('AzureIdentityBinding', 'b', { azureIdentity: 'other', selector: 'web' }),
    /you may not bind the identity team\/other/,
  ],
  [
    'the same, capitalised',
    object('AzureIdentityBinding', 'b', { AzureIdentity: 'other', Selector: 'web' }),
    /you may not bind the identity team\/other/,
  ],
  [
    'the same, in a third spelling',
    object('AzureIdentityBinding', 'b', { AZUREIDENTITY: 'other', selector: 'web' }),
    /spelled in another way/,
  ],
  [
    'the same, beside an empty one',
    object('AzureIdentityBinding', 'b', { azureIdentity: null, aZureIdentity: 'other' }),
    /spelled in another way/,
  ],
  [
    'an identity that is the team’s, in another case',
    object('AzureIdentity', 'i', { type: 0, resourceID: `${GROUP}/theirs` }),
    /^$/,
  ],
  [
    'an identity that is not',
    object('AzureIdentity', 'i', { type: 0, resourceID: `${GROUP}/admin` }),
    /does not list this identity for namespace team/,
  ],
  [
    'the same, capitalised',
    object('AzureIdentity', 'i', { type: 0, ResourceID: `${GROUP}/admin` }),
    /does not list this identity/,
  ],
  [
    'the same, in a third spelling',
    object('AzureIdentity', 'i', { type: 0, resourceID: `${GROUP}/theirs`, RESOURCEID: `${GROUP}/admin` }),
    /spelled in another way/,
  ],
  [
    'the same, with the client id of the team’s principal',
    object('AzureIdentity', 'i', { type: 0, resourceID: `${GROUP}/admin`, clientID: 'their-principal' }),
    /does not list this identity/,
  ],
  [
    'a principal that is the team’s',
    object('AzureIdentity', 'i', { type: 1, clientID: 'their-principal', tenantID: 't' }),
    /^$/,
  ],
  ['an exception', object('AzurePodIdentityException', 'e', { podLabels: { a: 'b' } }), /forbidden: User/],
  ['a record', object('AzureAssignedIdentity', 'r', { pod: 'p' }), /forbidden: User/],
])('of a team, %s', (_, wanted, said) => {
  it(`is answered by ${String(said)}`, async () => {
    expect(await saidTo(TEAM, wanted)).toMatch(said);
  });
});

it('a namespace that is listed with * has any identity', async () => {
  expect(await saidTo(TEAM, object('AzureIdentity', 'i', { type: 0, resourceID: `${GROUP}/any` }, 'platform'))).toBe(
    '',
  );
});

it.each<[sentence: string, wanted: object, said: RegExp]>([
  ['a pod that drops everything', pod('p', { capabilities: { drop: ['ALL'] } }), /^$/],
  ['a pod that drops NET_RAW', pod('p', { capabilities: { drop: ['NET_RAW'] } }), /^$/],
  ['a pod that drops nothing', pod('p'), /must drop NET_RAW/],
  [
    'a pod that drops it and adds it',
    pod('p', { capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }),
    /must drop NET_RAW/,
  ],
  ['a privileged pod', pod('p', { privileged: true, capabilities: { drop: ['ALL'] } }), /must drop NET_RAW/],
  ['a pod without the label', pod('p', undefined, {}), /^$/],
])('%s: %s', async (_, wanted, said) => {
  expect(await saidTo(TEAM, wanted)).toMatch(said);
});

it('the namespace has the Pod Security level that NMI needs', async () => {
  const level = '{.metadata.labels.pod-security\\.kubernetes\\.io/enforce}';
  expect(await cluster.kubectl('get', 'namespace', 'identity', '-o', `jsonpath=${level}`)).toBe('privileged');
});

it('everything else was taken', async () => {
  const kinds =
    'networkpolicies,poddisruptionbudgets,podmonitors,servicemonitors,prometheusrules,ciliumlocalredirectpolicies,securitycontextconstraints';
  const found = (await cluster.kubectl('get', kinds, '-A', '-o', 'name')).trim().split('\n').sort();
  expect(found.map((name) => name.split('.')[0])).toEqual(
    [
      'ciliumlocalredirectpolicy',
      'networkpolicy',
      'poddisruptionbudget',
      'podmonitor',
      'podmonitor',
      'prometheusrule',
      'securitycontextconstraints',
      'securitycontextconstraints',
      'servicemonitor',
      'servicemonitor',
    ].map((kind) => expect.stringMatching(new RegExp(`^${kind}`)) as string),
  );
});
