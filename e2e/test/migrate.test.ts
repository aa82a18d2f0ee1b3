import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { until } from '../src/node-cluster.ts';
import { create } from './cluster/support.ts';

const root = join(import.meta.dirname, '../..');
const MAIN = join(root, 'apps/migrate/src/main.ts');
const MANAGER = 'aad-pod-identity-migrate';
const CLIENT = '11111111-2222-4333-8444-555555555555';
const APPLY = ['apply', '--server-side', '--force-conflicts', `--field-manager=${MANAGER}`];

/** Names that YAML takes for something else unless they are quoted. */
const NAMESPACE = 'on';
const ACCOUNT = 'y';

let cluster: Cluster;
let folder: string;
const at = { namespace: NAMESPACE };
const file = (name: string): string => join(folder, name);

/** What the program prints. */
async function migrate(...flags: string[]): Promise<string> {
  const args = [MAIN, `--kubeconfig=${cluster.kubeconfig}`, ...flags];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

const template = (name: string, serviceAccountName?: string) => ({
  metadata: { labels: { app: name, aadpodidbinding: 'demo' } },
  spec: {
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    containers: [{ name: 'main', image: 'demo', env: [{ name: 'KEPT', value: 'yes' }] }],
  },
});

const workload = (kind: string, name: string, serviceAccountName?: string) => ({
  ...{ apiVersion: 'apps/v1', kind, metadata: { name, ...at } },
  spec: { selector: { matchLabels: { app: name } }, template: template(name, serviceAccountName) },
});

function jobTemplate(name: string) {
  const { metadata, spec } = template(name, ACCOUNT);
  return { template: { metadata, spec: { ...spec, restartPolicy: 'Never' } } };
}

const batch = { apiVersion: 'batch/v1' };

/** A workload of each kind, the first of them as somebody applies it who names the service account that is used anyway. */
const objects = [
  { ...azureIdentity({ namespace: NAMESPACE, spec: { clientID: CLIENT } }) },
  azureIdentityBinding({ namespace: NAMESPACE }),
  workload('StatefulSet', 'db', ACCOUNT),
  workload('DaemonSet', 'agent', ACCOUNT),
  {
    ...{ ...batch, kind: 'CronJob', metadata: { name: 'nightly', ...at } },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: jobTemplate('nightly') } },
  },
  { ...batch, kind: 'Job', metadata: { name: 'once', ...at }, spec: jobTemplate('once') },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lone', ...at, labels: { aadpodidbinding: 'demo' } },
    spec: template('lone').spec,
  },
];

/** Written and applied by hand, as its owner does it. */
const account = {
  ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, ...at, annotations: { '1e3': 'no' } } },
  imagePullSecrets: [{ name: 'registry' }],
};
const deployment = workload('Deployment', 'web', 'default');
/** No pod ever gets ready here, which others would wait for. */
const web = { ...deployment, spec: { ...deployment.spec, strategy: { type: 'Recreate' } } };

/** The metadata that only a server gives makes an object of the builders unfit for one. */
const fresh = <T extends { metadata: { name: string } }>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, uid: undefined, resourceVersion: undefined, creationTimestamp: undefined },
});

async function applyByHand(name: string, object: object): Promise<void> {
  writeFileSync(file(name), JSON.stringify(object));
  await cluster.kubectl('apply', '-f', file(name));
}

/** One field of one object. */
const field = (what: string, path: string): Promise<string> =>
  cluster.kubectl('get', what, '-n', NAMESPACE, '-o', `jsonpath=${path}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const rules = [{ level: 'Metadata', omitStages: ['RequestReceived'] }];
  writeFileSync(file('policy'), JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  const options = { profile: 'control-plane', name: 'e2e-migrate', auditPolicy: file('policy'), fresh: true } as const;
  cluster = await startCluster(options);
  await cluster.kubectl('apply', '-f', join(root, 'charts/aad-pod-identity/crds'));
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  await cluster.kubectl('create', 'namespace', NAMESPACE);
  await until(async () => (await cluster.kubectl('get', 'serviceaccounts', '-n', NAMESPACE)).includes('default'));
  await applyByHand('account', account);
  await applyByHand('web', web);
  await create(cluster, ...objects.map(fresh));
  await until(async () => (await field('pods', '{.items[*].metadata.name}')).includes('web-'));
});

afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

it('a plan of a real cluster names its workloads by their owners, and what its issuer lacks', async () => {
  const text = await migrate();
  for (const workloadLine of [
    'CronJob nightly, 0 pods',
    'DaemonSet agent, ',
    'Deployment web, 1 pod',
    'Job once, ',
    'Pod lone, 1 pod',
    'StatefulSet db, ',
  ])
    expect(text).toContain(`  ${workloadLine}`);
  expect(text).toContain('is out of reach for Entra ID');
  expect(text).toMatch(/^Workloads: 6 to be migrated/m);
});

it('commands are for the issuer that is given', async () => {
  const script = await migrate('--output=commands', '--issuer=https://oidc.example.com/');
  expect(script).toContain(`--subject system:serviceaccount:${NAMESPACE}:web --audiences api://AzureADTokenExchange`);
});

it('kubectl takes each patch, in a dry run of the server', async () => {
  writeFileSync(file('plan.yaml'), await migrate('--output=yaml'));
  const listed = await cluster.kubectl(...APPLY, '--dry-run=server', '-f', file('plan.yaml'));
  expect(listed.trim().split('\n').sort()).toEqual(
    [
      'cronjob.batch/nightly',
      'daemonset.apps/agent',
      'deployment.apps/web',
      'serviceaccount/lone',
      'serviceaccount/web',
      'serviceaccount/y',
      'statefulset.apps/db',
    ].map((name) => `${name} serverside-applied (server dry run)`),
  );
  const documents = readFileSync(file('plan.yaml'), 'utf8').split('---\n').slice(1);
  const kinds = { Deployment: 'web', StatefulSet: 'db', DaemonSet: 'agent', CronJob: 'nightly' };
  for (const [kind, name] of Object.entries(kinds)) {
    writeFileSync(file('patch'), documents.find((text) => text.includes(`kind: ${kind}\n`)) ?? '');
    const patch = ['patch', kind, name, '-n', NAMESPACE, '--type=strategic', '--patch-file', file('patch')];
    expect(await cluster.kubectl(...patch, '--dry-run=server')).toContain('patched');
  }
  writeFileSync(file('patch'), documents.find((text) => text.includes('kind: Deployment\n')) ?? '');
  const plainly = ['apply', '-f', file('patch')];
  await expect(cluster.kubectl(...plainly)).rejects.toThrow('containers');
});

it('applied, it changes what it says and takes nothing away', async () => {
  await cluster.kubectl(...APPLY, '-f', file('plan.yaml'));
  const labels = '{.spec.template.metadata.labels}';
  expect(JSON.parse(await field('deployment/web', labels))).toEqual({
    ...{ app: 'web', aadpodidbinding: 'demo', 'azure.workload.identity/use': 'true' },
  });
  expect(await field('deployment/web', '{.spec.template.spec.serviceAccountName}')).toBe('web');
  expect(await field('deployment/web', '{.spec.template.spec.containers[0].env[0].value}')).toBe('yes');
  expect(await field('cronjob/nightly', '{.spec.jobTemplate.spec.template.metadata.labels}')).toContain('"true"');
  expect(await field('serviceaccount/web', '{.metadata.annotations}')).toContain(CLIENT);
  expect(JSON.parse(await field('serviceaccount/y', '{.metadata.annotations}'))).toMatchObject({
    ...{ '1e3': 'no', 'azure.workload.identity/client-id': CLIENT },
  });
  expect(await field('serviceaccount/y', '{.imagePullSecrets[0].name}')).toBe('registry');
});

it('applied again, as plainly as its owner does it, a service account keeps all it has', async () => {
  await cluster.kubectl('delete', 'serviceaccount', ACCOUNT, '-n', NAMESPACE);
  await applyByHand('account', account);
  const [, document = ''] = (await migrate('--output=yaml')).split('---\n');
  writeFileSync(file('account.yaml'), document);
  await cluster.kubectl('apply', '-f', file('account.yaml'));
  expect(JSON.parse(await field('serviceaccount/y', '{.metadata.annotations}'))).toMatchObject({
    ...{ '1e3': 'no', 'azure.workload.identity/client-id': CLIENT },
  });
  expect(await field('serviceaccount/y', '{.imagePullSecrets[0].name}')).toBe('registry');
});

it('then there is nothing more to apply, and the commands of the last step end it', async () => {
  expect(await migrate('--output=yaml')).toContain('# There is nothing to apply.');
  const commands = [...(await migrate()).matchAll(/^ *\d\. (kubectl patch .*)$/gm)].map(([, command]) => command);
  expect(commands).toHaveLength(4);
  const PATH = `${dirname(cluster.kubectlPath)}:${process.env.PATH ?? ''}`;
  const env = { PATH, KUBECONFIG: cluster.kubeconfig, HOME: folder };
  for (const command of commands) await promisify(execFile)('sh', ['-c', command ?? 'false'], { env });
  await cluster.kubectl('delete', 'pods,jobs', '--all', '-n', NAMESPACE, '--wait=false', '--grace-period=0', '--force');
  await until(async () => (await migrate()).includes('Workloads: 0 to be migrated, 0 in transition'));
  const text = await migrate();
  for (const name of ['CronJob nightly', 'DaemonSet agent', 'Deployment web', 'StatefulSet db'])
    expect(text).toContain(`  ${NAMESPACE}: ${name}, `);
});

it('the program has asked the API server for lists and one document, and for no Secret', () => {
  const asked = readFileSync(cluster.auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"userAgent":"${MANAGER}"`))
    .map((line) => JSON.parse(line) as { verb: string; objectRef?: { resource: string }; requestURI: string });
  expect(new Set(asked.filter(({ objectRef }) => objectRef !== undefined).map(({ verb }) => verb))).toEqual(
    new Set(['list']),
  );
  expect(asked.filter(({ objectRef }) => objectRef?.resource === 'secrets')).toEqual([]);
  const others = asked.filter(({ objectRef }) => objectRef === undefined).map(({ requestURI }) => requestURI);
  expect(new Set(others)).toEqual(new Set(['/.well-known/openid-configuration']));
});
