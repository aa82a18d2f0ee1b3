/** The plain manifests: rendered from the chart, with the names of 1.8.17, and taken by a real API server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { deployFiles, differences, parseObjects, PLACEHOLDER } from '@aad-pod-identity/generate/chart';
import { HELM, idsOf, ROOT } from './chart.ts';

const INFRA = join(ROOT, 'deploy/infra');
const FILES = ['deployment-rbac.yaml', 'deployment.yaml', 'managed-mode-deployment.yaml', 'mic-exception.yaml'].concat(
  ...[['noazurejson/deployment-rbac.yaml', 'noazurejson/deployment.yaml']],
);
const text = (name: string): string => readFileSync(join(INFRA, name), 'utf8');

it('is what the chart renders', async () => {
  expect(await differences(ROOT, await deployFiles(ROOT, HELM))).toEqual([]);
});

it('has the names of 1.8.17', () => {
  expect(idsOf(parseObjects(text('deployment-rbac.yaml')))).toEqual(
    expect.arrayContaining([
      ...['DaemonSet default/nmi', 'Deployment default/mic'],
      ...[
        'ServiceAccount default/aad-pod-id-mic-service-account',
        'ServiceAccount default/aad-pod-id-nmi-service-account',
      ],
      ...['ClusterRole /aad-pod-id-mic-role', 'ClusterRole /aad-pod-id-nmi-role'],
      ...['ClusterRoleBinding /aad-pod-id-mic-binding', 'ClusterRoleBinding /aad-pod-id-nmi-binding'],
    ]),
  );
});

it.each([
  ['deployment-rbac.yaml', 'Deployment', { app: 'mic', component: 'mic' }],
  ['deployment-rbac.yaml', 'DaemonSet', { component: 'nmi', tier: 'node' }],
])('%s: its %s selects %j, which can never change', (file, kind, matchLabels) => {
  const found = parseObjects(text(file)).find((object) => object.kind === kind);
  expect(found).toMatchObject({ spec: { selector: { matchLabels }, template: { metadata: { labels: matchLabels } } } });
});

it.each(FILES)('%s names no registry that does not exist', (file) => {
  const images = [...text(file).matchAll(/image: "(.*)"/g)].map(([, image]) => image);
  expect(images.every((image) => image?.startsWith(`${PLACEHOLDER}/`))).toBe(true);
});

describe('on a real API server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ profile: 'control-plane', name: 'e2e-chart-deploy', fresh: true });
  });
  afterAll(() => cluster.stop());

  it.each([...FILES, '../demo'])('`kubectl apply -f %s` works', async (file) => {
    const said = await cluster.kubectl('apply', '-f', join(INFRA, file));
    expect(said).toMatch(/created|configured|unchanged/);
  });
});
