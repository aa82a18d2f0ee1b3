/** The worked examples of the chart on a real node: a token where it should come, a refusal where it should not. */
import { join } from 'node:path';
import type { Cluster } from '@aad-pod-identity/cluster';
import { runHelm, withValues } from '../../src/helm.ts';
import { imageName } from '../../src/images.ts';
import { apply, clientIdIn, removeHandmade, startNode, TOKEN_URL, until } from '../../src/node-cluster.ts';
import { CHART, HELM } from '../chart/chart.ts';

const tag = { tag: 'e2e' };
const IMAGES = { image: { repository: 'aad-pod-identity.test' }, mic: { ...tag, replicas: 1 }, nmi: tag, test: tag };
const [ACCESS, PRINCIPAL, SECOND] = [1, 2, 3].map((nth) => `00000000-cccc-4000-8000-00000000000${nth}`);
const ASK = `fetch(${JSON.stringify(TOKEN_URL)}, { headers: { Metadata: 'true' } })
  .then(async (answer) => console.log(JSON.stringify({ status: answer.status, body: await answer.text() })))
  .catch(() => console.log(JSON.stringify({ status: 0, body: '' })))`;

let cluster: Cluster;

const values = (...names: string[]): string[] => names.map((name) => `--values=${join(CHART, 'examples', name)}`);

const install = (...names: string[]): Promise<string> =>
  withValues(IMAGES, (file) => {
    const what = ['upgrade', '--install', 'aad-pod-identity', CHART, '-n', 'default', ...values(...names), file];
    return runHelm(HELM, cluster, [...what, '--wait', '--timeout=100s']);
  });

const uninstall = (): Promise<string> =>
  runHelm(HELM, cluster, ['uninstall', 'aad-pod-identity', '-n', 'default', '--timeout=150s']);

/** A pod that runs, of a service account that is there from then on. */
async function runPod(namespace: string, name: string, label: string, account = 'default'): Promise<void> {
  const script = 'process.on("SIGTERM", process.exit); setInterval(() => {}, 1e6)';
  const containers = [
    { name: 'main', image: imageName('identity-validator'), command: ['/usr/local/bin/node', '-e', script] },
  ];
  if (account !== 'default')
    await apply(cluster, [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } }]);
  const metadata = { name, namespace, labels: { aadpodidbinding: label } };
  await apply(cluster, [
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, serviceAccountName: account } },
  ]);
  await cluster.kubectl('wait', '-n', namespace, '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
}

/** The client id of the token that a pod gets, else the status. */
async function gets(namespace: string, pod: string): Promise<string | number> {
  const said = await cluster.kubectl('exec', '-n', namespace, pod, '--', 'node', '-e', ASK);
  const outcome = JSON.parse(said) as { status: number; body: string };
  return clientIdIn(outcome) ?? outcome.status;
}

beforeAll(async () => {
  cluster = await startNode();
  await removeHandmade(cluster);
  for (const namespace of ['team-a', 'team-b']) await cluster.kubectl('create', 'namespace', namespace);
});
afterAll(async () => {
  await cluster.kubectl('delete', 'namespace', 'team-a', 'team-b', '--timeout=60s');
  await cluster.kubectl('delete', 'pods', '--all', '-n', 'default', '--now');
});

it('single-team.yaml', async () => {
  await install('single-team.yaml');
  await runPod('default', 'web', 'web');
  await runPod('team-b', 'elsewhere', 'web');
  await until(async () => (await gets('default', 'web')) === ACCESS);
  expect(await gets('team-b', 'elsewhere')).toBe(400);
});

it('many-teams: each team has its own, and the service account that it names', async () => {
  await install('many-teams/cluster.yaml', 'many-teams/team-a.yaml', 'many-teams/team-b.yaml');
  await runPod('team-a', 'reader', 'reader', 'reader');
  await runPod('team-a', 'other-account', 'reader');
  await runPod('team-b', 'writer', 'writer');
  await runPod('team-b', 'reader', 'reader', 'reader');
  await until(async () => (await gets('team-a', 'reader')) === ACCESS);
  await until(async () => (await gets('team-b', 'writer')) === SECOND);
  expect(await gets('team-a', 'other-account')).toBe(400);
  expect(await gets('team-b', 'reader')).toBe(400);
});

it('own-release.yaml: a release of a team beside that of the cluster', async () => {
  const own = ['install', 'identities', CHART, '-n', 'team-a', '--skip-crds', ...values('own-release.yaml')];
  await runHelm(HELM, cluster, own);
  await runPod('team-a', 'web', 'web');
  await until(async () => (await gets('team-a', 'web')) === ACCESS);
  expect(await gets('team-b', 'elsewhere')).toBe(400);
  await runHelm(HELM, cluster, ['uninstall', 'identities', '-n', 'team-a']);
  await until(async () => (await gets('team-a', 'web')) === 400);
});

it('neither program is refused anything by the Kubernetes API', async () => {
  for (const component of ['mic', 'nmi']) {
    const logs = await cluster.kubectl('logs', '-l', `app.kubernetes.io/component=${component}`, '--tail=-1');
    expect(logs).not.toMatch(/forbidden/i);
    expect(logs).toContain('level=info');
  }
});

it('managed-service-principal.yaml', async () => {
  await uninstall();
  await cluster.kubectl(
    'create',
    'secret',
    'generic',
    'web-principal',
    '-n',
    'team-a',
    '--from-literal=password=not-a-real-secret',
  );
  await install('managed-service-principal.yaml');
  await until(async () => (await gets('team-a', 'web')) === PRINCIPAL);
  expect(await gets('team-b', 'elsewhere')).toBe(400);
  expect(await cluster.kubectl('get', 'pods', '-l', 'app.kubernetes.io/component=mic', '-o', 'name')).toBe('');
  await uninstall();
});
