import { existsSync, readFileSync } from 'node:fs';
import { leases, nodes, pods, type KubeObject } from '@aad-pod-identity/kube';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { RunFolder } from '../src/run-folder.ts';
import type { Sandbox } from '../src/sandbox.ts';
import { startForTest } from './start.ts';

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string } }[];
  readonly users: readonly { user: { token: string } }[];
}

let started: Awaited<ReturnType<typeof startForTest>>;
let folder: RunFolder;
let sandbox: Sandbox;
let kubeconfig: Kubeconfig;
/** Processes that other files of this test process have left, such as esbuild's service. */
let others: readonly number[];

beforeAll(async () => {
  others = childrenOf(process.pid);
  started = await startForTest();
  ({ folder, sandbox } = started);
  kubeconfig = parse(readFileSync(folder.kubeconfig, 'utf8')) as Kubeconfig;
}, 60_000);

afterAll(() => started.close());

const token = () => kubeconfig.users[0]!.user.token;

/** What `kubectl logs` asks for. */
async function logsOf(pod: string): Promise<string> {
  const ca = readFileSync(folder.caCert, 'utf8');
  const dispatcher = new Agent({ connect: { ca } });
  const { server } = kubeconfig.clusters[0]!.cluster;
  const headers = { authorization: `Bearer ${token()}` };
  const { body } = await request(`${server}/api/v1/namespaces/default/pods/${pod}/log`, { dispatcher, headers });
  const text = await body.text();
  await dispatcher.close();
  return text;
}

interface Pod extends KubeObject {
  readonly status: { readonly phase: string; readonly containerStatuses: readonly { restartCount: number }[] };
}

const readPod = (name: string) => sandbox.client.get<Pod>(pods, { namespace: 'default', name });

const programPods = [
  ['mic', { app: 'mic', component: 'mic' }, /^mic-[a-z0-9]{10}-[a-z0-9]{5}$/, 'leading'],
  ['nmi', { component: 'nmi', tier: 'node' }, /^nmi-[a-z0-9]{5}$/, 'listening for token requests'],
] as const;

it.each(programPods)('%s is a running pod, named and labelled as in an installation, with its log', async (...row) => {
  const [program, labels, form, said] = row;
  const name = sandbox.podOf(program);
  expect(name).toMatch(form);
  const pod = await sandbox.until('report', async () => {
    const read = await readPod(name);
    return read.status.phase === 'Running' ? read : undefined;
  });
  expect(pod.metadata?.labels).toEqual(labels);
  expect(await logsOf(name)).toContain(said);
});

it('a program that crashes is shown as started again in the same pod', async () => {
  const name = sandbox.podOf('nmi');
  sandbox.programs.nmi.kill();
  await sandbox.until('restart in the pod', async () =>
    (await readPod(name)).status.containerStatuses[0]?.restartCount === 1 ? true : undefined,
  );
});

it('a program whose pod is deleted starts again in a new pod', async () => {
  const [before, pid] = [sandbox.podOf('mic'), sandbox.programs.mic.pid];
  await sandbox.client.delete(pods, { namespace: 'default', name: before });
  await sandbox.until('new pod', async () => {
    const name = sandbox.podOf('mic');
    if (name === before || sandbox.pods.get(`default/${name}`)?.status?.phase !== 'Running') return undefined;
    const { containerStatuses } = (await readPod(name)).status;
    return sandbox.programs.mic.pid !== pid && containerStatuses[0]?.restartCount === 0 ? true : undefined;
  });
});

it('the node is Ready and has a lease', async () => {
  const [name = ''] = (await sandbox.client.list<KubeObject>(nodes as never)).items.map((item) => item.metadata?.name);
  const { status } = await sandbox.client.get<{ status: { conditions: object[] } }>(nodes, { name });
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  const lease = await sandbox.client.get(leases, { namespace: 'kube-node-lease', name });
  expect(lease).toMatchObject({ spec: { holderIdentity: name } });
});

it('a manifest that is applied again without a label takes the label away, as kubectl would', async () => {
  await sandbox.apply('labelledPod');
  expect((await readPod('podidentitydemo')).metadata?.labels).toEqual({ aadpodidbinding: 'azure-access' });
  await sandbox.apply('pod');
  expect((await readPod('podidentitydemo')).metadata?.labels ?? {}).toEqual({});
});

it('a demo pod has a log of its own, without the lines of an earlier one of its name', async () => {
  const pageIsAt = async () => {
    const ip = await sandbox.until('address', () => sandbox.pods.get('default/podidentitydemo')?.status?.podIP);
    const line = `the page is at http://${ip}:`;
    return await sandbox.until('log', async () =>
      (await logsOf('podidentitydemo')).includes(line) ? line : undefined,
    );
  };
  const first = await pageIsAt();
  await sandbox.delete('pod');
  await sandbox.until('end', () => (sandbox.pods.get('default/podidentitydemo') === undefined ? true : undefined));
  await sandbox.apply('pod');
  expect(await pageIsAt()).not.toBe(first);
  expect(await logsOf('podidentitydemo')).not.toContain(first);
});

it('no secret is on a command line, and no private key on disk', () => {
  const lines = childrenOf(process.pid).map(commandLineOf);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.includes(token()))).toEqual([]);
  expect([folder.caKey, folder.kubernetesKey].filter((path) => existsSync(path))).toEqual([]);
});

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((each) => each !== '')
    .map(Number);

const commandLineOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');

it('a check in a pod that is not there says so', async () => {
  await expect(sandbox.check('nobody')).rejects.toThrow('there is no running pod nobody; apply it first');
});

it('what waits in the sandbox ends with it, and no process is left', async () => {
  await sandbox.until('running pod', () => sandbox.pods.get('default/podidentitydemo')?.status?.podIP);
  const waits = [sandbox.check('podidentitydemo'), sandbox.until('answer', () => undefined)];
  const outcomes = Promise.allSettled(waits);
  const children = childrenOf(process.pid).filter((pid) => !others.includes(pid));
  expect(children.length).toBeGreaterThan(3);
  const { controller } = started;
  controller.abort(new Error('Ctrl-C'));
  expect(await outcomes).toEqual(waits.map(() => ({ status: 'rejected', reason: controller.signal.reason as Error })));
  await sandbox.stop();
  // the guard stays until the process ends
  const left = children.filter((pid) => existsSync(`/proc/${pid}`)).map(commandLineOf);
  expect(left.filter((line) => !line.includes('guard.ts'))).toEqual([]);
});
