/** The commands of the pages that need pods which run, as they are printed, on a real node with Azure around it. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { looksAtNode } from '@aad-pod-identity/generate/docs';
import { inSentences, problemOf, runBlock, runnables } from '../../src/docs/page-blocks.ts';
import { openPageShell, type PageShell } from '../../src/docs/page-shell.ts';
import { removeNode, startNode } from '../../src/node-cluster.ts';
import { HELM } from '../chart/chart.ts';

const ORDER = ['docs/getting-started.md', 'docs/install.md'];
/** The images of the suite are on the node, under names of their own. */
const IMAGES = 'aad-pod-identity.test';
const TAGS = ['mic', 'nmi', 'test'].map((name) => `${name}.tag=e2e`);
const LIMIT_MS = 300_000;

let cluster: Cluster;
let shell: PageShell;

beforeAll(async () => {
  await removeNode();
  cluster = await startNode();
  const node = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  shell = openPageShell({
    ...{ kubeconfig: cluster.kubeconfig, kubectl: cluster.kubectlPath, helm: HELM, helmValues: TAGS },
    placeholders: { registry: IMAGES, folder: '', node },
    variables: { REPOSITORY: IMAGES, VERSION: 'e2e' },
  });
});
afterAll(async () => {
  shell.close();
  await removeNode();
});

it.each(runnables('node', ORDER).map((each) => [each.at, each] as const))(
  '%s',
  async (_, each) => {
    expect(problemOf(each, await runBlock(shell, each))).toBe('');
  },
  LIMIT_MS,
);

it.each(inSentences(looksAtNode))('`%s`', async (command) => {
  const { code, stderr } = await shell.run(command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
