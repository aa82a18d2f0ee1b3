import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  busyboxImage,
  NODE_NAME,
  removeClusterNamed,
  SIMULATED_NODE_ANNOTATION,
  startCluster,
  type Cluster,
  type StartOptions,
} from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';
import { isAlive, machineState } from '../src/machine.ts';

const pids = (cluster: Cluster) => Object.fromEntries(cluster.processes().map(({ name, pid }) => [name, pid]));

/** Ends the cluster and says which of its processes are left. */
async function stop(cluster: Cluster): Promise<number[]> {
  const found = cluster.processes().flatMap(({ pid }) => pid ?? []);
  await cluster.stop();
  return found.filter(isAlive);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(100);
}

const pod = (name: string, spec: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
  spec: { containers: [{ name: 'main', image: IMAGE }], terminationGracePeriodSeconds: 0, ...spec },
});

const IMAGE = 'aad-pod-identity.test/busybox:1';

async function create(cluster: Cluster, ...objects: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'create', '-f', '-'];
  const { code, stderr } = await cluster.exec(command, list);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

describe('a control plane', () => {
  const options: StartOptions = { profile: 'control-plane', name: 'e2e-control-plane' };
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };
  let folder: string;
  let cluster: Cluster;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    const auditPolicy = join(folder, 'policy.json');
    writeFileSync(auditPolicy, JSON.stringify(policy));
    cluster = await startCluster({ ...options, auditPolicy, fresh: true });
  });
  afterAll(async () => {
    expect(await stop(cluster)).toEqual([]);
    expect(existsSync(cluster.folder)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('is ready, and of the version that was asked for', async () => {
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await cluster.kubectl('version')).toMatch(/Server Version: v1\.35\./);
  });

  it('is left alone by another start', async () => {
    const before = pids(cluster);
    await cluster.heal();
    expect(pids(cluster)).toEqual(before);
    expect(Object.values(before)).not.toContain(undefined);
  });

  it('whose API server was killed has it again, with what was stored', async () => {
    await cluster.kubectl('create', 'configmap', 'kept');
    const before = pids(cluster);
    await cluster.kill('kube-apiserver');
    expect(pids(cluster)['kube-apiserver']).toBeUndefined();
    await cluster.heal();
    expect(pids(cluster)).toMatchObject({ etcd: before.etcd });
    expect(await cluster.kubectl('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n');
  });

  it('writes down who did what, where a policy asks for it', async () => {
    await cluster.kubectl('create', 'configmap', 'audited');
    const wanted = ['"user":{"username":"admin"', '"name":"audited"'];
    await until(() =>
      readFileSync(cluster.auditLog, 'utf8')
        .split('\n')
        .some((line) => wanted.every((text) => line.includes(text))),
    );
  });

  it('has a place of its own beside another', async () => {
    const other = await startCluster({ profile: 'control-plane', name: 'e2e-beside', fresh: true });
    expect(other.apiServer).not.toBe(cluster.apiServer);
    await expect(other.kubectl('get', 'configmap', 'kept')).rejects.toThrow('not found');
    expect(await stop(other)).toEqual([]);
    expect(await cluster.kubectl('get', '--raw', '/readyz')).toBe('ok');
  });
});

it('a start that was killed is cleaned up by the next', async () => {
  const name = 'e2e-killed';
  await removeClusterNamed({ name });
  const main = join(import.meta.dirname, '../../tools/cluster/src/main.ts');
  const up = spawn(process.execPath, [main, 'up', '--name', name], { stdio: 'ignore' });
  const record = join(tmpdir(), `aad-pod-identity-clusters-${process.getuid?.() ?? 0}`, name, 'pids', 'etcd');
  await until(() => existsSync(record));
  up.kill('SIGKILL');
  await once(up, 'exit');
  const left = Number.parseInt(readFileSync(record, 'utf8'), 10);
  expect(isAlive(left)).toBe(true);
  const lines: string[] = [];
  const cluster = await startCluster({ profile: 'control-plane', name, print: (line) => lines.push(line) });
  expect(lines).toEqual([expect.stringContaining('its start was interrupted')]);
  expect(isAlive(left)).toBe(false);
  expect(await stop(cluster)).toEqual([]);
});

it('simulated nodes are Ready, and pods on them Running with addresses', async () => {
  const cluster = await startCluster({ profile: 'simulated-nodes', name: 'e2e-simulated', fresh: true });
  const resources = { cpu: '8', memory: '16Gi', pods: '110' };
  const metadata = { name: 'simulated', annotations: { [SIMULATED_NODE_ANNOTATION]: 'fake' } };
  await create(cluster, {
    ...{ apiVersion: 'v1', kind: 'Node', metadata, status: { allocatable: resources, capacity: resources } },
  });
  await create(cluster, pod('demo'));
  await cluster.kubectl('wait', '--for=condition=Ready', 'node/simulated', 'pod/demo', '--timeout=60s');
  const text = await cluster.kubectl('get', 'pod', 'demo', '-o', 'jsonpath={.status.phase} {.status.podIP}');
  expect(text).toMatch(/^Running 10\.24\d\./);
  expect(await stop(cluster)).toEqual([]);
});

describe('a real node', () => {
  const before = machineState();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'node', name: 'e2e-node', fresh: true });
    await cluster.importImage(busyboxImage(IMAGE));
    const served = {
      containers: [{ name: 'main', image: IMAGE, command: ['httpd', '-f', '-p', '8080', '-h', '/etc'] }],
    };
    await create(cluster, pod('plain', served), pod('host-network', { hostNetwork: true }));
    await create(cluster, {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'plain' } },
      spec: { selector: { app: 'plain' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/plain', 'pod/host-network', '--timeout=60s');
  });
  afterAll(async () => {
    expect(await stop(cluster)).toEqual([]);
    expect(machineState()).toEqual(before);
  });

  const addressOf = (name: string) => cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');

  it('runs pods with addresses of its own', async () => {
    expect(await addressOf('plain')).toMatch(/^10\.244\.0\.\d+$/);
    expect(await addressOf('host-network')).toMatch(/^10\.200\.\d+\.2$/);
  });

  it('serves a Service to its pods', async () => {
    const address = await cluster.kubectl('get', 'service', 'plain', '-o', 'jsonpath={.spec.clusterIP}');
    const fetch = `printf 'GET /passwd HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${address} 80`;
    expect(await cluster.kubectl('exec', 'host-network', '--', 'sh', '-c', fetch)).toContain('root:x:0:0');
  });

  it('lets a test run programs where it is', async () => {
    const { stdout } = await cluster.exec(['ip', '-brief', 'address', 'show', 'eth0']);
    expect(stdout).toContain(await addressOf('host-network'));
    expect((await cluster.exec(['hostname'])).stdout.trim()).toBe(NODE_NAME);
  });

  it('keeps its pods while kubelet is killed and started again', async () => {
    const id = () =>
      cluster.kubectl('get', 'pod', 'plain', '-o', 'jsonpath={.status.containerStatuses[0].containerID}');
    const container = await id();
    await cluster.kill('kubelet');
    expect(pids(cluster).kubelet).toBeUndefined();
    await cluster.heal();
    expect(await id()).toBe(container);
  });

  it('comes back with its pods after a loss of power', async () => {
    await cluster.powerOff();
    expect(Object.values(pids(cluster)).filter((pid) => pid !== undefined)).toEqual([]);
    await cluster.heal();
    const restarts = 'jsonpath={.items[*].status.containerStatuses[0].restartCount}';
    await until(async () => (await cluster.kubectl('get', 'pod', '-o', restarts)) === '1 1');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/plain', 'pod/host-network', '--timeout=60s');
  });

  it('changes nothing of this machine but for one link and the route to its other end', () => {
    const { links = '', routes = '', folders: _folders, 'control groups': _groups, ...now } = machineState();
    expect(now).toEqual({
      'iptables (nft)': before['iptables (nft)'],
      'iptables (legacy)': before['iptables (legacy)'],
      mounts: before.mounts,
    });
    const without = (text: string) => text.split('\n').filter((line) => !/aadpi\d|^ff00|^fe80/.test(line));
    expect(without(links)).toEqual(without(before.links ?? ''));
    expect(without(routes)).toEqual(without(before.routes ?? ''));
  });
});
