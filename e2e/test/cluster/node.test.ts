import { busyboxImage, NODE_NAME, programEntries, startCluster, type Cluster } from '@aad-pod-identity/cluster';
import { machineState } from '../../src/machine.ts';
import { create, IMAGE, pids, pod, stop } from './support.ts';
import { until } from '../../src/node-cluster.ts';

describe('a real node in a simulated Azure', () => {
  const before = machineState();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'node', name: 'e2e-node', azure: true, fresh: true });
    await cluster.importImage(busyboxImage(IMAGE, programEntries(process.execPath, '/usr/bin/node')));
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
    expect(cluster.processes().flatMap(({ name, pid }) => (pid === undefined ? [] : [name]))).toEqual(['azure']);
    await cluster.heal();
    const restarts = 'jsonpath={.items[*].status.containerStatuses[0].restartCount}';
    await until(async () => (await cluster.kubectl('get', 'pod', '-o', restarts)) === '1 1');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/plain', 'pod/host-network', '--timeout=60s');
  });

  /** What a program in a pod that knows nothing of simulators is answered. */
  const ASK = `
    const ask = async (url, headers = {}) => {
      const answer = await fetch(url, { headers }).catch((error) => error.cause ?? error);
      console.log(answer.status ?? answer.code);
    };
    await ask('http://169.254.169.254/metadata/instance?api-version=2021-02-01', { metadata: 'true' });
    await ask('https://login.microsoftonline.com/common/discovery/instance?authorization_endpoint=x');
    await ask('https://management.azure.com/subscriptions');
    await ask('https://example.com/');`;
  const askFrom = (name: string) => cluster.kubectl('exec', name, '--', 'node', '--input-type=module', '-e', ASK);

  it.each(['plain', 'host-network'])('has Azure where production has it, for a %s pod', async (name) => {
    const before = cluster.azure.connections().length;
    expect(await askFrom(name)).toBe('200\n200\n400\nENOTFOUND\n');
    const own = name === 'plain' ? await addressOf(name) : '10.201.0.1';
    expect(cluster.azure.connections().slice(before)).toMatchObject([
      { name: 'imds', from: own },
      { name: 'entra', from: own },
      { name: 'arm', from: own },
    ]);
  });

  it('has what Azure puts on a machine', async () => {
    const { stdout } = await cluster.exec(['cat', '/etc/kubernetes/azure.json']);
    expect(JSON.parse(stdout)).toMatchObject({ cloud: 'AzurePublicCloud', vmType: 'vmss' });
    expect(await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].spec.providerID}')).toMatch(
      /^azure:\/\/\/subscriptions\/\S+\/virtualMachines\/0$/,
    );
  });

  it('has an Azure that fails when it is told to', async () => {
    await cluster.azure.control({ action: 'failNext', scope: 'arm', status: 503 });
    expect(await askFrom('plain')).toBe('200\n200\n503\nENOTFOUND\n');
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
