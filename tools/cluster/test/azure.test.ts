import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { listen } from '@aad-pod-identity/runtime';
import { azureCommands, hasLink, linkCommand, nodeCommands } from '../src/azure/addresses.ts';
import { clusterObjects, policySettings } from '../src/azure/cluster-objects.ts';
import { answerQuery } from '../src/azure/dns.ts';
import { startForward, type Connection } from '../src/azure/forward.ts';
import { componentsOf } from '../src/components/index.ts';
import type { KubernetesVersion } from '../src/bring/go-tools.ts';
import { plan } from './plan.ts';

const NAMES = { 'management.azure.com': '10.201.0.4' };
const A = 1;
const AAAA = 28;

function query(name: string, type = A, flags = 0x0100): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

function read(answer: Buffer | undefined) {
  if (answer === undefined) return undefined;
  const answers = answer.readUInt16BE(6);
  const address = answers === 0 ? undefined : [...answer.subarray(-4)].join('.');
  return { id: answer.readUInt16BE(0), code: answer.readUInt16BE(2) & 0xf, questions: answer.readUInt16BE(4), address };
}

describe('the resolver answers', () => {
  const known = { id: 0x1234, code: 0, questions: 1, address: '10.201.0.4' };
  const cases: Record<string, [asked: Buffer, expected: ReturnType<typeof read>]> = {
    'a known name with its address': [query('management.azure.com'), known],
    'a known name in any case': [query('Management.AZURE.com'), known],
    'that a known name has no other record': [query('management.azure.com', AAAA), { ...known, address: undefined }],
    'that another name does not exist': [query('example.com'), { ...known, code: 3, address: undefined }],
    'that a search domain has no such name': [
      query('management.azure.com.default.svc.cluster.local'),
      { ...known, code: 3, address: undefined },
    ],
    'that it cannot read what is cut short': [
      query('management.azure.com').subarray(0, 20),
      { id: 0x1234, code: 1, questions: 0, address: undefined },
    ],
    'nothing to an answer': [query('management.azure.com', A, 0x8180), undefined],
    'nothing to what is no message': [Buffer.from('hello'), undefined],
  };
  it.each(Object.entries(cases))('%s', (_name, [asked, expected]) => {
    expect(read(answerQuery(asked, NAMES))).toEqual(expected);
  });
  it('nothing of an object that every table inherits', () => {
    expect(read(answerQuery(query('constructor'), NAMES))?.code).toBe(3);
  });
});

describe('the simulated Azure', () => {
  it('is linked to the node, and at no moment to this machine', () => {
    expect(linkCommand(11, 22).join(' ')).toBe('ip link add name azure0 netns 11 type veth peer name eth0 netns 22');
  });
  it('has the address of the metadata service in its own namespace; the node has the one route there', () => {
    const lines = (commands: string[][]) => commands.map((words) => words.join(' '));
    expect(lines(azureCommands())).toContain('ip address add 169.254.169.254/32 dev eth0');
    expect(lines(nodeCommands()).filter((line) => line.includes('169.254'))).toEqual([
      'ip route add 169.254.169.254/32 via 10.201.0.2 dev azure0',
    ]);
  });
  it('is known to be linked by the devices of the node', () => {
    expect(hasLink('Inter-|\n face |\n    lo: 0\n azure0: 12 0\n')).toBe(true);
    expect(hasLink('    lo: 0\n  eth0: 1\n')).toBe(false);
  });

  const versions: Record<KubernetesVersion, [apiVersion: string, gates: object]> = {
    '1.33': ['admissionregistration.k8s.io/v1alpha1', { MutatingAdmissionPolicy: true }],
    '1.35': ['admissionregistration.k8s.io/v1beta1', { MutatingAdmissionPolicy: true }],
    '1.37': ['admissionregistration.k8s.io/v1', {}],
  };
  it.each(Object.entries(versions))('is trusted by every pod of Kubernetes %s', (version, [apiVersion, gates]) => {
    const { items } = clusterObjects(version as KubernetesVersion) as { items: { apiVersion: string; kind: string }[] };
    const policies = items.filter(({ kind }) => kind.startsWith('MutatingAdmissionPolicy'));
    expect(policies.map((policy) => policy.apiVersion)).toEqual([apiVersion, apiVersion]);
    expect(policySettings(version as KubernetesVersion).featureGates).toEqual(gates);
  });

  it('is what the API server is made ready for, and what kubelet takes its provider id from', () => {
    const lines = componentsOf(plan({ profile: 'node', azure: true })).map(({ command }) => command.join(' '));
    const flagsOf = (program: string) => lines.find((line) => line.startsWith(`/cache/kubernetes/${program} `));
    expect(flagsOf('kube-apiserver')).toContain('--feature-gates=MutatingAdmissionPolicy=true');
    expect(flagsOf('kubelet')).toMatch(/--provider-id=azure:\/\/\/subscriptions\/\S+\/virtualMachines\/0$/);
  });
  it('is nothing that a node without it knows of', () => {
    const text = JSON.stringify(componentsOf(plan({ profile: 'node' })));
    expect(text).not.toMatch(/azure:\/\/|MutatingAdmissionPolicy/);
  });
});

describe('a forwarded connection', () => {
  const servers: Server[] = [];
  const started = (server: Server): Server => {
    servers.push(server);
    return server;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('passes on what is said, and is recorded with who made it', async () => {
    const echo = started(createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)));
    const port = await listen(echo, { host: '127.0.0.1', port: 0 });
    const made: Connection[] = [];
    const listenOptions = { host: '127.0.0.2', port: 0 };
    const front = started(
      await startForward({ name: 'imds', listen: listenOptions, port }, (connection) => made.push(connection)),
    );
    const { port: frontPort } = front.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.2', port: frontPort, localAddress: '127.0.0.3' });
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
    expect(made).toEqual([{ name: 'imds', from: '127.0.0.3' }]);
  });
});
