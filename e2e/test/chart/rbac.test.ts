/**
 * MIC and NMI live a whole life on a real API server as the service accounts of the chart and nobody else: nothing that
 * they ask for is refused, of all that their rules allow nothing is left over, and nothing of it can be spared.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { writeAccountKubeconfig } from '../../src/account-kubeconfig.ts';
import { type AuditEvent, auditEvents, isUse, type Permission, permissions, permissionText } from '../../src/audit.ts';
import { runHelm, withValues } from '../../src/helm.ts';
import { withHooks } from '../../src/hook-runner.ts';
import { apply, until } from '../../src/node-cluster.ts';
import { type Program, startProgram } from '../../src/program.ts';
import { allowedWithout } from '../../src/without-rule.ts';
import { CHART, type Container, HELM, MIC, NMI, render } from './chart.ts';

const NAMESPACE = 'identity';
const TAINT = 'aadpodidentity.k8s.io/nmi-not-ready';
const VALUES = {
  ...{ uninstall: { timeoutSeconds: 120 }, startupTaint: { key: TAINT } },
  namespaces: { team: { blockInstanceMetadata: true } },
};
const TENANT = '11111111-1111-4111-8111-111111111111';

/** What only a moment that no test can bring about asks for, and the test that shows it on the simulator. */
const NOT_PROVOKED: Readonly<Record<string, string>> = {
  'get azureidentities.aadpodidentity.k8s.io':
    'apps/mic/test/cluster/type-upgrade.test.ts: somebody writes at the same time',
  'get azureidentitybindings.aadpodidentity.k8s.io': 'the same',
  'get azurepodidentityexceptions.aadpodidentity.k8s.io': 'the same',
  'get azureassignedidentities.aadpodidentity.k8s.io':
    'apps/mic/test/cluster/crash.test.ts: the record of a pass that was cut off',
};
/** What ours never does, and a 1.8.17 does that still runs as the same account while an upgrade replaces it. */
const KINDS = ['azureidentities', 'azureidentitybindings', 'azurepodidentityexceptions', 'azureassignedidentities'];
const OF_1_8_17: readonly string[] = [
  ...KINDS.map((kind) => `aad-pod-identity-mic: update ${kind}.aadpodidentity.k8s.io`),
  `aad-pod-identity-mic: update configmaps in ${NAMESPACE}`,
  ...['pods', ...KINDS.map((kind) => `${kind}.aadpodidentity.k8s.io`)].map(
    (kind) => `aad-pod-identity-nmi: get ${kind}`,
  ),
];
const isOurs = (line: string): boolean =>
  !OF_1_8_17.includes(line) && NOT_PROVOKED[line.slice(line.indexOf(': ') + 2)] === undefined;

const objects = await render(VALUES, { namespace: NAMESPACE });
const ALLOWED = permissions(objects)
  .filter(({ account }) => /-(mic|nmi)$/.test(account))
  .map((permission) => ({ permission, line: permissionText(permission) }));

const aad = (kind: string, namespace: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace }, spec },
});

let folder: string;
let cluster: Cluster;
let azure: AzureSimulator;
let env: NodeJS.ProcessEnv;
let events: readonly AuditEvent[] = [];
const programs: Program[] = [];

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const jsonpath = (kind: string, path: string, ...more: string[]): Promise<string> =>
  cluster.kubectl('get', kind, '-o', `jsonpath=${path}`, ...more);
const patchStatus = (namespace: string, pod: string, status: object): Promise<string> =>
  cluster.kubectl(
    ...['patch', 'pod', pod, '-n', namespace, '--subresource=status', '--type=merge'],
    ...['-p', JSON.stringify({ status })],
  );

/** The arguments that the chart gives, and those that this machine needs instead. */
async function start(which: typeof MIC | typeof NMI, ...own: string[]): Promise<Program> {
  const name = which === MIC ? 'mic' : 'nmi';
  const [kind, full] = which;
  const containers = await jsonpath(`${kind}/${full}`, '{.spec.template.spec.containers}', '-n', NAMESPACE);
  const [container] = JSON.parse(containers) as [Container];
  const kubeconfig = join(folder, `${name}.kubeconfig`);
  await writeAccountKubeconfig(cluster, { namespace: NAMESPACE, name: full }, kubeconfig);
  const filled = container.args.map((arg) => arg.replace('$(NODE_NAME)', 'vm-0').replace('$(NODE_IP)', '127.0.0.1'));
  const ports = ['--http-probe-port=0', '--prometheus-port=0', '--log-format=json'];
  const program = startProgram(name, [...filled, `--kubeconfig=${kubeconfig}`, ...ports, ...own], env);
  programs.push(program);
  return program;
}

/** A pod on the node, with an address of this machine. */
async function runPod(namespace: string, name: string, label: string, ip: string, more: object = {}): Promise<void> {
  const metadata = { name, namespace, labels: { aadpodidbinding: label, ...more } };
  const spec = { nodeName: 'vm-0', containers: [{ name: 'main', image: 'none' }] };
  await apply(cluster, [{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
  await patchStatus(namespace, name, { phase: 'Running', podIP: ip, podIPs: [{ ip }] });
}

function ask(port: number, from: string): Promise<number> {
  const path = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F';
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, localAddress: from, headers: { Metadata: 'true' } }, (answer) => {
      text(answer).then(() => {
        resolve(answer.statusCode ?? 0);
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

const portOf = ({ lines }: Program): number =>
  Number(/listening for token requests.*?"port":(\d+)/.exec(lines.join('\n'))?.[1] ?? Number.NaN);
const leads = ({ lines }: Program): boolean => lines.some((line) => line.includes('looking at all targets'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rbac-'));
  const ours = ['mic', 'nmi', 'uninstall', 'prepare'].map(
    (name) => `system:serviceaccount:${NAMESPACE}:aad-pod-identity-${name}`,
  );
  const rules = [{ level: 'Metadata', users: ours, omitStages: ['RequestReceived'] }, { level: 'None' }];
  const auditPolicy = file('policy.json', JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  cluster = await startCluster({ profile: 'control-plane', name: 'e2e-rbac', auditPolicy, fresh: true });
  azure = await startAzureSimulator();
  for (const namespace of [NAMESPACE, 'team']) await cluster.kubectl('create', 'namespace', namespace);
});
afterAll(async () => {
  for (const program of programs) await program.stop();
  await azure.close();
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

async function startAzure(): Promise<string> {
  const vm = azure.addVm({ resourceGroup: 'nodes', name: 'vm-0', systemAssigned: true });
  const secret = 'mic-secret';
  const { tenantId, clientId } = azure.addApp({ secret });
  const cloudConfig = { cloud: 'AzureStackCloud', tenantId, aadClientId: clientId, aadClientSecret: secret };
  env = {
    ...{ MIC_POD_NAMESPACE: NAMESPACE },
    AZURE_ENVIRONMENT_FILEPATH: file('environment.json', JSON.stringify(azure.environment())),
    NODE_EXTRA_CA_CERTS: file('ca.pem', azure.ca.certPem),
  };
  file('azure.json', JSON.stringify(cloudConfig));
  const taints = [{ key: TAINT, value: 'true', effect: 'NoSchedule' }];
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'vm-0', labels: { 'kubernetes.io/os': 'linux' } },
    spec: { providerID: vm.providerId, taints },
  };
  await apply(cluster, [node]);
  return vm.id;
}

/** Identities of both kinds, in capitals as before 1.6 where that can be. */
async function writeObjects(): Promise<void> {
  const demo = azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
  const app = azure.addApp({ tenantId: TENANT, secret: 's3cret' });
  const principal = {
    ...{ type: 1, clientID: app.clientId, tenantID: TENANT, clientPassword: { name: 'principal', namespace: 'team' } },
  };
  await cluster.kubectl('create', 'secret', 'generic', 'principal', '-n', 'team', '--from-literal=password=s3cret');
  await apply(cluster, [
    aad('AzureIdentity', 'team', 'demo', { type: 0, ResourceID: demo.id, ClientID: demo.clientId }),
    aad('AzureIdentityBinding', 'team', 'demo', { AzureIdentity: 'demo', Selector: 'demo' }),
    aad('AzureIdentity', 'team', 'principal', principal),
    aad('AzureIdentityBinding', 'team', 'principal', { azureIdentity: 'principal', selector: 'principal' }),
    aad('AzurePodIdentityException', 'team', 'addon', { PodLabels: { addon: 'yes' } }),
  ]);
}

/** No scheduler runs here: NMI's pod of the DaemonSet is put on its node by hand. Gives its name. */
async function bindNmi(): Promise<string> {
  const path = '{.items[*].metadata.name}';
  const nameOf = () => jsonpath('pods', path, '-n', NAMESPACE, '-l', 'tier=node');
  await until(async () => (await nameOf()) !== '');
  const name = await nameOf();
  const target = { apiVersion: 'v1', kind: 'Node', name: 'vm-0' };
  const binding = file(
    'binding.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'Binding', metadata: { name }, target }),
  );
  const raw = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/binding`;
  await cluster.kubectl('create', '--raw', raw, '-f', binding);
  return name;
}

it('a whole life: install, old spellings, assignment, tokens, an exception, a hand-over, release, uninstall', async () => {
  const helm = (...args: string[]) => withHooks(cluster, () => runHelm(HELM, cluster, args));
  const vm = await startAzure();
  const image = { repository: 'registry.example.com/aad' };
  await withValues({ image, ...VALUES }, (values) =>
    helm('install', 'aad-pod-identity', CHART, '-n', NAMESPACE, values),
  );
  await writeObjects();
  const files = [`--cloudconfig=${join(folder, 'azure.json')}`, '--leader-election-duration=3s'];
  const first = await start(MIC, ...files, '--leader-election-instance=first');
  await until(() => leads(first));
  const second = await start(MIC, ...files, '--leader-election-instance=second');
  const imds = await azure.imdsFor(vm);
  const metadata = ['--metadata-ip=127.0.0.1', `--metadata-port=${imds.port}`, '--nmi-port=0', '--redirection=none'];
  const nmi = await start(NMI, ...metadata);
  await until(() => !Number.isNaN(portOf(nmi)));
  const port = portOf(nmi);

  await runPod('team', 'web', 'demo', '127.0.8.1');
  await runPod('team', 'api', 'principal', '127.0.8.2');
  await runPod('team', 'addon', 'none', '127.0.8.3', { addon: 'yes' });
  for (const ip of ['127.0.8.1', '127.0.8.2', '127.0.8.3']) await until(async () => (await ask(port, ip)) === 200);
  // nobody's address: NMI looks it up live
  expect(await ask(port, '127.0.8.9')).toBe(503);
  expect(await jsonpath('azureidentity/demo', '{.spec.resourceID}', '-n', 'team')).not.toBe('');

  const nmiPod = await bindNmi();
  const ready = (status: 'True' | 'False') =>
    patchStatus(NAMESPACE, nmiPod, { phase: 'Running', conditions: [{ type: 'Ready', status }] });
  await ready('True');
  await until(async () => !(await jsonpath('node/vm-0', '{.spec.taints}')).includes(TAINT));

  expect(await first.stop()).toBe(0);
  await until(() => leads(second));
  // the same twice is one Event that is counted
  for (const _ of [1, 2]) {
    await cluster.kubectl('delete', 'pod', 'web', '-n', 'team', '--force', '--grace-period=0');
    await until(async () => (await jsonpath('azureassignedidentities', '{.items[*].spec.pod}', '-A')) === 'api');
    await runPod('team', 'web', 'demo', '127.0.8.1');
    await until(async () => (await ask(port, '127.0.8.1')) === 200);
  }
  const finalizer = 'azureassignedidentity.finalizers.aadpodidentity.k8s.io';
  const records = await jsonpath('azureassignedidentities', '{.items[*].metadata.name}', '-n', 'default');
  const [record = ''] = records.split(' ');
  await cluster.kubectl(
    ...['patch', 'azureassignedidentity', record, '-n', 'default', '--type=merge'],
    ...['-p', JSON.stringify({ metadata: { finalizers: [finalizer] } })],
  );
  await until(
    async () => (await jsonpath(`azureassignedidentity/${record}`, '{.metadata.finalizers}', '-n', 'default')) === '',
  );

  const uninstalled = helm('uninstall', 'aad-pod-identity', '-n', NAMESPACE);
  const marker = '{.metadata.annotations.aadpodidentity\\.k8s\\.io/uninstall}';
  // gone with the release where nobody had to wait: its node, which no kubelet keeps, may have taken the pod for lost
  const isGone = () => 'true';
  const marked = () => jsonpath('daemonset/aad-pod-identity-nmi', marker, '-n', NAMESPACE).catch(isGone);
  await until(async () => (await marked()) === 'true');
  await ready('False').catch(isGone);
  const { said } = await uninstalled;
  expect(said).toMatch(/^MIC has released everything$/m);
  expect(said).toMatch(/^the rules are off every node$/m);
  expect(said).not.toMatch(/gave up|left/);
  expect(azure.state.assignedTo(vm)).toEqual([]);
  expect(await cluster.kubectl('get', 'azureassignedidentities', '-A', '-o', 'name')).toBe('');
  events = auditEvents(readFileSync(cluster.auditLog, 'utf8'), NAMESPACE);
}, 200_000);

it('nothing was refused to anybody', () => {
  expect(events.length).toBeGreaterThan(50);
  const refused = events.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0));
  // once the release is gone, its programs have no rights any more; they still run here
  const gone = events.findIndex(({ verb, requestURI }) => verb === 'patch' && requestURI.includes('/daemonsets/'));
  const before = refused.filter((event) => events.indexOf(event) < gone);
  expect(before.map(({ user, verb, requestURI }) => `${user.username} ${verb} ${requestURI}`)).toEqual([]);
});

describe('no rule is more than what is used:', () => {
  it.each(ALLOWED.filter(({ line }) => isOurs(line)))('$line', ({ permission }) => {
    expect(events.some((event) => isUse(event, permission))).toBe(true);
  });
});

describe('taken away, it would have been missed:', () => {
  const used = ALLOWED.filter(({ line }) => isOurs(line));
  let allowed: ReadonlyMap<Permission, boolean>;
  beforeAll(async () => {
    const of = (these: typeof ALLOWED): Permission[] => these.map(({ permission }) => permission);
    allowed = await allowedWithout(cluster, of(ALLOWED), of(used), events);
  });

  it.each(used)('$line', ({ permission }) => {
    expect(allowed.get(permission)).toBe(false);
  });
});

describe('a 1.8.17 that still runs in an upgrade goes on:', () => {
  it.each(OF_1_8_17)('%s', (line) => {
    expect(ALLOWED.map((allowed) => allowed.line)).toContain(line);
  });
});
