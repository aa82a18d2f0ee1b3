/** A release of 4.1.18, made by Helm 3, becomes one of this chart in place, by either Helm, and can go back. */
import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { runHelm } from '../../src/helm.ts';
import { withHooks } from '../../src/hook-runner.ts';
import { apply } from '../../src/node-cluster.ts';
import { oldCrds } from '../../src/old-crds.ts';
import { CHART, HELM, HELMS, ROOT } from './chart.ts';

const OLD_CHART = join(ROOT, 'e2e/fixtures/chart/4.1.18');
const VALUES = `--values=${join(ROOT, 'e2e/fixtures/chart/values-4.1.18.yaml')}`;
const RELEASE = ['aad-pod-identity', '-n', 'identity'];

describe.each(HELMS)('with helm %s', (version, helm) => {
  let cluster: Cluster;
  const told = (what: string, path: string): Promise<string> =>
    cluster.kubectl('get', what, '-n', 'identity', '-o', `jsonpath=${path}`);
  const uids = async (): Promise<string> =>
    `${await told('deployment/aad-pod-identity-mic', '{.metadata.uid}')} ${await told('daemonset/aad-pod-identity-nmi', '{.metadata.uid}')}`;
  const imageOf = (what: string): Promise<string> => told(what, '{.spec.template.spec.containers[0].image}');
  let before: string;

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'control-plane', name: `e2e-chart-upgrade-${version}`, fresh: true });
    for (const namespace of ['identity', 'team']) await cluster.kubectl('create', 'namespace', namespace);
    await apply(cluster, oldCrds());
    await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
    const lock = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'aad-pod-identity-mic', namespace: 'default' },
    };
    await apply(cluster, [lock]);
    await runHelm(HELM, cluster, ['install', ...RELEASE.slice(0, 1), OLD_CHART, ...RELEASE.slice(1)]);
    before = await uids();
  });
  afterAll(() => cluster.stop());

  it('upgrades with its values file, unchanged but for the image; nothing is made anew', async () => {
    const upgrade = [
      'upgrade',
      'aad-pod-identity',
      CHART,
      '-n',
      'identity',
      VALUES,
      '--set=mic.leaderElection.namespace=',
    ];
    const { said } = await withHooks(cluster, () => runHelm(helm, cluster, upgrade));
    expect(said).toContain('azureidentities.aadpodidentity.k8s.io: is the one of chart');
    expect(said).toContain('the metadata address is closed on every node');
    expect(await told('daemonsets', '{.items[*].metadata.name}')).toBe('aad-pod-identity-nmi');
    expect(await uids()).toBe(before);
    expect(await imageOf('daemonset/aad-pod-identity-nmi')).toBe('registry.example.com/aad/nmi:v2.0.0');
    expect(await told('daemonset/aad-pod-identity-nmi', '{.spec.template.spec.containers[0].ports}')).toBe('');
  });

  it('leads where the lock of the old one is', async () => {
    const args = await told('deployment/aad-pod-identity-mic', '{.spec.template.spec.containers[0].args}');
    expect(args).toContain('--leader-election-namespace=default');
  });

  it('goes back by `helm rollback`, and forward again', async () => {
    await withHooks(cluster, () => runHelm(helm, cluster, ['rollback', 'aad-pod-identity', '1', '-n', 'identity']));
    expect(await imageOf('daemonset/aad-pod-identity-nmi')).toBe(
      'mcr.microsoft.com/oss/azure/aad-pod-identity/nmi:v1.8.17',
    );
    await withHooks(cluster, () => runHelm(helm, cluster, ['rollback', 'aad-pod-identity', '2', '-n', 'identity']));
    expect(await uids()).toBe(before);
    expect(await imageOf('deployment/aad-pod-identity-mic')).toBe('registry.example.com/aad/mic:v2.0.0');
  });

  it('goes from a strategy that it was given to the one that surges', async () => {
    const upgrade = [
      'upgrade',
      'aad-pod-identity',
      CHART,
      '-n',
      'identity',
      '--set=image.repository=registry.example.com/aad',
    ];
    await withHooks(cluster, () => runHelm(helm, cluster, upgrade));
    expect(await told('daemonset/aad-pod-identity-nmi', '{.spec.updateStrategy.rollingUpdate}')).toBe(
      '{"maxSurge":1,"maxUnavailable":0}',
    );
  });
});
