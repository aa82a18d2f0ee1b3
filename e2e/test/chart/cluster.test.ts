/** The chart against a real API server, with both versions of helm. */
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { runHelm, withValues } from '../../src/helm.ts';
import { withHooks } from '../../src/hook-runner.ts';
import { apply, until } from '../../src/node-cluster.ts';
import { oldCrds } from '../../src/old-crds.ts';
import { CHART, HELMS } from './chart.ts';

const RESOURCE_ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n';
const NAMESPACE = 'identity';
const BASE = { image: { repository: 'registry.example.com/aad' }, uninstall: { timeoutSeconds: 20 } };
const web = { resourceID: RESOURCE_ID, clientID: 'c', binding: { selector: 'web' } };

const aad = (kind: string, namespace: string, name: string, spec: object, rest: object = {}) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace, ...rest }, spec },
});

describe.each(HELMS)('with helm %s', (version, helm) => {
  let cluster: Cluster;

  const helmDoes = (verb: string, name: string, values: object, ...more: string[]): Promise<string> =>
    withValues(values, (file) => runHelm(helm, cluster, [verb, name, CHART, '-n', NAMESPACE, file, ...more]));
  const upgrade = (values: object, ...more: string[]) =>
    withHooks(cluster, () => helmDoes('upgrade', 'aad-pod-identity', { ...BASE, ...values }, '--install', ...more));
  const columns = (kind: string, path: string, ...more: string[]): Promise<string> =>
    cluster.kubectl('get', kind, '-o', `jsonpath=${path}`, ...more);
  const NAMES = '{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}';

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'control-plane', name: `e2e-chart-${version}`, fresh: true });
    for (const namespace of [NAMESPACE, 'team-a', 'team-b']) await cluster.kubectl('create', 'namespace', namespace);
    await apply(cluster, oldCrds());
    await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
    await apply(cluster, [
      aad('AzureIdentity', 'team-a', 'stored', { type: 0, resourceID: RESOURCE_ID, clientID: 'c' }),
      aad('AzurePodIdentityException', 'kube-system', 'aks-addon-exception', { podLabels: { of: 'somebody else' } }),
    ]);
  });
  afterAll(() => cluster.stop());

  it('installs over the CRDs of 4.1.18, which become its own, with what is stored', async () => {
    // helm 4 would take them over itself, and refuses to because others wrote them
    const { said } = await upgrade({}, '--skip-crds');
    expect(said).toMatch(/azureidentities\.aadpodidentity\.k8s\.io: is the one of chart 5\.0\.0/);
    expect(await columns('crd/azureidentities.aadpodidentity.k8s.io', '{.spec.versions[0].subresources}')).toBe(
      '{"status":{}}',
    );
    expect(await columns('crd/azureassignedidentities.aadpodidentity.k8s.io', '{.spec.versions[0].subresources}')).toBe(
      '',
    );
    expect(await columns('azureidentity/stored', '{.spec.resourceID}', '-n', 'team-a')).toBe(RESOURCE_ID);
  });

  it('succeeds where an exception of that name is there, and leaves it as it is', async () => {
    expect(
      await columns('azurepodidentityexception/aks-addon-exception', '{.spec.podLabels}', '-n', 'kube-system'),
    ).toBe('{"of":"somebody else"}');
    expect(await columns('azurepodidentityexception/mic', '{.spec.podLabels.component}', '-n', NAMESPACE)).toBe('mic');
  });

  it('leaves nothing of its hooks behind', async () => {
    const kinds = 'serviceaccounts,configmaps,clusterroles,clusterrolebindings,roles,rolebindings,jobs';
    expect(await cluster.kubectl('get', kinds, '-A', '-o', 'name')).not.toMatch(/aad-pod-identity-(prepare|uninstall)/);
  });

  it('takes the seed’s capitalised fields from then on', async () => {
    const spec = { type: 0, ResourceID: RESOURCE_ID, ClientID: 'c' };
    await apply(cluster, [aad('AzureIdentity', 'team-b', 'capitalised', spec)]);
    expect(await columns('azureidentity/capitalised', '{.spec.ResourceID}', '-n', 'team-b')).toBe(RESOURCE_ID);
  });

  it('refuses a second install clearly', async () => {
    const second = helmDoes('install', 'other', { ...BASE, nameOverride: 'other' }, '--no-hooks');
    await expect(second).rejects.toThrow(
      /runs in this cluster already, as release aad-pod-identity in namespace identity/,
    );
  });

  it('renders the files of teams into their namespaces', async () => {
    await upgrade({
      namespaces: { 'team-a': { namespaced: true, azureIdentities: { web } }, 'team-b': { azureIdentities: { web } } },
    });
    expect(await columns('azureidentitybindings', NAMES, '-A')).toBe('team-a/web team-b/web ');
    const behaviour = '{.metadata.annotations.aadpodidentity\\.k8s\\.io/Behavior}';
    expect(await columns('azureidentity/web', behaviour, '-n', 'team-a')).toBe('namespaced');
    expect(await columns('azureidentity/web', behaviour, '-n', 'team-b')).toBe('');
  });

  it('refuses a namespace that has vanished, unless it is said', async () => {
    const left = { namespaces: { 'team-a': { azureIdentities: { web } } } };
    await expect(upgrade(left)).rejects.toThrow(
      /namespaces\.team-b was there before .*add the file that has it, or list team-b in removedNamespaces/,
    );
    await upgrade({ ...left, removedNamespaces: ['team-b'] });
    await upgrade(left);
    expect(await columns('azureidentitybindings', NAMES, '-A')).toBe('team-a/web ');
  });

  it('gives a team that may write in its namespace only its own release there', async () => {
    const user = 'system:serviceaccount:team-b:default';
    const rules = [
      '--verb=*',
      '--resource=secrets,azureidentities.aadpodidentity.k8s.io,azureidentitybindings.aadpodidentity.k8s.io',
    ];
    await cluster.kubectl('create', 'role', 'team', '-n', 'team-b', ...rules);
    await cluster.kubectl(
      'create',
      'rolebinding',
      'team',
      '-n',
      'team-b',
      '--role=team',
      '--serviceaccount=team-b:default',
    );
    const values = { identitiesOnly: true, azureIdentities: { api: web } };
    const asTeam = ['--skip-crds', `--kube-as-user=${user}`];
    await withValues(values, (file) =>
      runHelm(helm, cluster, ['install', 'own', CHART, '-n', 'team-b', file, ...asTeam]),
    );
    expect(await columns('azureidentitybindings', NAMES, '-A')).toBe('team-a/web team-b/api ');
    await runHelm(helm, cluster, ['uninstall', 'own', '-n', 'team-b', `--kube-as-user=${user}`]);
    expect(await columns('azureidentitybindings', NAMES, '-A')).toBe('team-a/web ');
  });

  it('leaves CRDs of a later chart alone', async () => {
    const name = 'crd/azureidentities.aadpodidentity.k8s.io';
    await cluster.kubectl('annotate', name, '--overwrite', 'aadpodidentity.k8s.io/chart-version=99.0.0');
    const { said } = await upgrade({ removedNamespaces: ['team-a'] });
    expect(said).toMatch(/azureidentities\.aadpodidentity\.k8s\.io: left as it is, of the later chart 99\.0\.0/);
    await cluster.kubectl('annotate', name, 'aadpodidentity.k8s.io/chart-version-');
  });

  it('uninstalls: no record keeps a finalizer that nobody serves, and the CRDs stay with what users wrote', async () => {
    const finalizers = ['azureassignedidentity.finalizers.aadpodidentity.k8s.io'];
    const record = { pod: 'p', podNamespace: 'team-a', nodename: 'n' };
    await apply(cluster, [aad('AzureAssignedIdentity', 'default', 'p-team-a-stored', record, { finalizers })]);
    const { said } = await withHooks(cluster, () =>
      runHelm(helm, cluster, ['uninstall', 'aad-pod-identity', '-n', NAMESPACE]),
    );
    // no kubelet runs MIC here
    expect(said).toContain('MIC has not answered: what it has assigned stays on Azure');
    expect(said).toContain('1 assigned identities that were left are deleted');
    const events = await columns('events', '{range .items[*]}{.reason} {end}', '-n', NAMESPACE);
    expect(events).toContain('IdentitiesLeft');
    expect(said).toContain('the rules are off every node');
    expect(await columns('azureassignedidentities', NAMES, '-A')).toBe('');
    expect(await columns('azureidentities', NAMES, '-A')).toBe('team-a/stored team-b/capitalised ');
    const kinds =
      'deployments,daemonsets,serviceaccounts,configmaps,clusterroles,clusterrolebindings,roles,rolebindings,secrets';
    await until(async () => !(await cluster.kubectl('get', kinds, '-A', '-o', 'name')).includes('aad-pod-identity'));
  });

  it('installs again over its own CRDs', async () => {
    await upgrade({});
    const finish = () => runHelm(helm, cluster, ['uninstall', 'aad-pod-identity', '-n', NAMESPACE]);
    expect((await withHooks(cluster, finish)).result).toContain('uninstalled');
  });
});
