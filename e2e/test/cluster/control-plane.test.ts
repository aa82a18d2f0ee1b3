import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  removeClusterNamed,
  SIMULATED_NODE_ANNOTATION,
  startCluster,
  type Cluster,
  type StartOptions,
} from '@aad-pod-identity/cluster';
import { isAlive } from '../../src/machine.ts';
import { create, pids, pod, stop } from './support.ts';
import { until } from '../../src/node-cluster.ts';

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
  const main = join(import.meta.dirname, '../../../tools/cluster/src/main.ts');
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

it('a component that cannot start is named with what it said and where its log is, and nothing is left running', async () => {
  const name = 'e2e-broken';
  const nonsense = { 'kube-apiserver': ['--nonsense'] };
  const start = startCluster({ profile: 'control-plane', name, fresh: true, arguments: nonsense });
  const error = await start.catch((reason: unknown) => reason as Error);
  expect((error as Error).message).toMatch(
    /^kube-apiserver ended: .*unknown flag: --nonsense.*; its log is \S+\/logs\/kube-apiserver\.log$/,
  );
  const folder = join(tmpdir(), `aad-pod-identity-clusters-${process.getuid?.() ?? 0}`, name);
  expect(existsSync(join(folder, 'pids'))).toBe(false);
  await removeClusterNamed({ name });
  expect(existsSync(folder)).toBe(false);
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
