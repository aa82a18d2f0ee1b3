/** The commands and manifests of the pages, as they are printed, on a real API server and in the sandbox. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { looksOnly } from '@aad-pod-identity/generate/docs';
import { inSentences, problemOf, runBlock, runnables } from '../src/docs/page-blocks.ts';
import { openPageShell, type PageShell } from '../src/docs/page-shell.ts';
import { runHelm } from '../src/helm.ts';
import { withHooks } from '../src/hook-runner.ts';
import { apply } from '../src/node-cluster.ts';
import { oldCrds } from '../src/old-crds.ts';
import { type SandboxProcess, startSandboxProcess } from '../src/sandbox-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const HELM = process.env.E2E_HELM3 ?? '';
const OLD_CHART = join(ROOT, 'e2e/fixtures/chart/4.1.18');
const LIMIT_MS = 180_000;

/** The order in which a reader comes to them; each goes on with what the one before has left. */
const ON_CLUSTER = [
  'README.md',
  'docs/concepts.md',
  'docs/namespaces.md',
  'docs/alerts.md',
  'docs/install.md',
  'docs/upgrade.md',
];
const IN_SANDBOX = ['docs/getting-started.md', 'examples/README.md', 'README.md', 'docs/troubleshooting.md'];

describe('on a real API server', () => {
  let cluster: Cluster;
  let shell: PageShell;

  /** What a page needs that no page before it has left. */
  const BEFORE: Readonly<Record<string, () => Promise<unknown>>> = {
    'README.md': () => cluster.kubectl('apply', '-f', join(ROOT, 'charts/aad-pod-identity/crds')),
    'docs/upgrade.md': async () => {
      await cluster.kubectl('delete', '-f', join(ROOT, 'deploy/infra/deployment-rbac.yaml'));
      await apply(cluster, oldCrds());
      await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
      await runHelm(HELM, cluster, ['install', 'aad-pod-identity', OLD_CHART, '-n', 'kube-system']);
    },
  };

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'control-plane', name: 'e2e-docs', fresh: true });
    const { kubeconfig, kubectlPath: kubectl } = cluster;
    // no kubelet runs MIC here, which an uninstall would wait for
    shell = openPageShell({ kubeconfig, kubectl, helm: HELM, helmValues: ['uninstall.timeoutSeconds=20'] });
  });
  afterAll(async () => {
    shell.close();
    await cluster.stop();
  });

  const blocks = runnables('cluster', ON_CLUSTER);
  const isFirst = (at: string, page: string): boolean => blocks.find(({ block }) => block.page === page)?.at === at;

  it.each(blocks.map((each) => [each.at, each] as const))(
    '%s',
    async (at, each) => {
      const { page } = each.block;
      if (isFirst(at, page)) await BEFORE[page]?.();
      const { result } = await withHooks(cluster, () => runBlock(shell, each));
      expect(problemOf(each, result)).toBe('');
    },
    LIMIT_MS,
  );
});

describe('in the sandbox', () => {
  let sandbox: SandboxProcess;
  let shell: PageShell;

  beforeAll(async () => {
    sandbox = await startSandboxProcess('--story=false');
    shell = openPageShell({ kubeconfig: sandbox.kubeconfig, kubectl: process.env.E2E_KUBECTL ?? 'kubectl' });
  });
  afterAll(async () => {
    shell.close();
    await sandbox.stop();
    await rm(sandbox.folder, { recursive: true });
  });

  it.each(runnables('sandbox', IN_SANDBOX).map((each) => [each.at, each] as const))(
    '%s',
    async (_, each) => {
      expect(problemOf(each, await runBlock(shell, each))).toBe('');
    },
    LIMIT_MS,
  );

  it.each(inSentences(looksOnly))('`%s`', async (command) => {
    const { code, stderr } = await shell.run(command);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });
});
