/** What a pod gets of the metadata address, at each moment of a node's life. */
import { type Cluster, NODE_NAME } from '@aad-pod-identity/cluster';
import {
  apply,
  askFromNode,
  askFromPod,
  clientIdIn,
  createPod,
  installWorkloads,
  type Outcome,
  podIp,
  startNode,
  TOKEN_URL,
  until,
} from '../../src/node-cluster.ts';
import { slowRequest } from '../../src/slow-request.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const RESOURCE_ID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second`;
const CLIENT_ID = '00000000-cccc-4000-8000-000000000003';
const INSTANCE_URL = 'http://169.254.169.254/metadata/instance?api-version=2021-02-01';

/** See privileges.test.ts. */
const LEGACY_NEEDS = ['NET_ADMIN', 'NET_RAW'];

const identity = { type: 0, resourceID: RESOURCE_ID, clientID: CLIENT_ID };
const aad = (kind: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name: 'second', namespace: 'default' } },
  spec,
});

/** Who connected to the metadata service itself, by address. */
const reached = ({ azure }: Cluster, address: string): number =>
  azure.connections().filter(({ name, from }) => name === 'imds' && from === address).length;

/** Every rule of both back-ends that is not ours, without the counters. */
async function foreignRules(cluster: Cluster): Promise<string> {
  const saved: string[] = [];
  for (const program of ['iptables-nft-save', 'iptables-legacy-save', 'ip6tables-nft-save']) {
    const { stdout } = await cluster.exec([program]);
    const rules = stdout.split('\n').map((line) => line.replace(/\[\d+:\d+\]/, ''));
    saved.push(...rules.filter((line) => !line.includes('aad-metadata') && !line.startsWith('#')));
  }
  return saved.join('\n');
}

const own = async (cluster: Cluster, program: string): Promise<string[]> => {
  const { stdout } = await cluster.exec([program]);
  return stdout.split('\n').filter((line) => line.includes('aad-metadata'));
};

describe('the metadata address on a real node', () => {
  let cluster: Cluster;
  let before: string;
  const from = (pod: string, url = TOKEN_URL): Promise<Outcome> => askFromPod(cluster, pod, url);
  const boundGetsToken = async (): Promise<boolean> => clientIdIn(await from('bound')) === CLIENT_ID;

  beforeAll(async () => {
    cluster = await startNode();
    await cluster.kubectl('delete', 'daemonset/nmi', 'deployment/mic', '--ignore-not-found', '--now');
    await takeRulesAway();
    before = await foreignRules(cluster);
    await installWorkloads(cluster);
    await apply(cluster, [
      aad('AzureIdentity', identity),
      aad('AzureIdentityBinding', { azureIdentity: 'second', selector: 'second' }),
    ]);
    await createPod(cluster, 'bound', { label: 'second' });
    await createPod(cluster, 'unbound');
    await until(boundGetsToken);
  });

  /** What an NMI of an earlier file of the suite has left. */
  async function takeRulesAway(): Promise<void> {
    if ((await own(cluster, 'iptables-nft-save')).length === 0) return;
    const chains = [
      ['nat', 'PREROUTING'],
      ['filter', 'FORWARD'],
      ['filter', 'INPUT'],
    ];
    for (const [table = '', hook = ''] of chains)
      await cluster.exec(['iptables-nft', '-t', table, '-D', hook, '-j', 'aad-metadata']);
    for (const table of ['nat', 'filter']) {
      await cluster.exec(['iptables-nft', '-t', table, '-F', 'aad-metadata']);
      await cluster.exec(['iptables-nft', '-t', table, '-X', 'aad-metadata']);
    }
  }

  it('leaves every rule that is not NMI’s as it was, byte for byte', async () => {
    expect(before).toContain('KUBE-SERVICES');
    expect(await foreignRules(cluster)).toBe(before);
  });

  it('gives a bound pod its token, an unbound one none, and the node itself what it always had', async () => {
    expect(clientIdIn(await from('bound'))).toBe(CLIENT_ID);
    expect(await from('unbound')).toEqual({
      status: 400,
      body: '{"error":"invalid_request","error_description":"Identity not found"}',
    });
    expect((await askFromNode(cluster, INSTANCE_URL)).status).toBe(200);
  });

  it.each<[sentence: string, path: string]>([
    ['a trailing slash', '/metadata/identity/oauth2/token/'],
    ['doubled slashes', '//metadata//identity//oauth2//token'],
    ['dots', '/metadata/instance/../identity/oauth2/token'],
    ['encoded slashes', '/metadata%2fidentity%2foauth2%2ftoken'],
    ['encoded dots', '/metadata/instance/%2e%2e/identity/oauth2/token'],
    ['backslashes', '\\metadata\\identity\\oauth2\\token'],
    ['capitals', '/METADATA/IDENTITY/OAUTH2/TOKEN'],
    ['semicolons', '/metadata/identity;x/oauth2/token'],
    ['an absolute form', 'http://169.254.169.254/metadata/identity/oauth2/token'],
    ['another host’s absolute form', 'http://example.com/metadata/identity/oauth2/token'],
    ['platform metadata', '/metadata/identity/getplatformmetadata'],
    ['credentials', '/metadata/identity/credential'],
    ['information', '/metadata/identity/info'],
  ])('gives an unbound pod no token by %s', async (_, path) => {
    const query = '?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F';
    const outcome = await askFromPod(cluster, 'unbound', 'http://169.254.169.254/', { path: path + query });
    expect(outcome.status).toBeGreaterThanOrEqual(400);
    expect(clientIdIn(outcome)).toBeUndefined();
  });

  it.each([80, 81, 443, 8080, 2579, 32526])('lets no pod connect to the service behind, on port %i', async (port) => {
    const address = await podIp(cluster, 'unbound');
    const outcome = await askFromPod(cluster, 'unbound', `http://169.254.169.254:${port}/metadata/versions`);
    expect(outcome.status).toBe(port === 80 ? 200 : 0);
    expect(reached(cluster, address)).toBe(0);
  });

  it('refuses connections to NMI’s own port that were not redirected', async () => {
    const address = await cluster.kubectl('get', 'node', NODE_NAME, '-o', 'jsonpath={.status.addresses[0].address}');
    expect(await from('bound', TOKEN_URL.replace('169.254.169.254', `${address}:2579`))).toMatchObject({ status: 0 });
  });

  /** Each row: what is done, and what an unbound and a bound pod get from then on until NMI is ready again. */
  it('after SIGKILL of NMI: nobody reaches the service behind, and the bound pod has its token again', async () => {
    const address = await podIp(cluster, 'unbound');
    const { stdout } = await cluster.exec(['pgrep', '-f', '/app/main.js --node=']);
    await cluster.exec(['kill', '-9', ...stdout.trim().split('\n')]);
    const meanwhile = await from('unbound');
    expect([0, 400]).toContain(meanwhile.status);
    await until(boundGetsToken);
    expect(reached(cluster, address)).toBe(0);
  });

  it('while NMI’s pod is deleted and made anew: the same', async () => {
    const address = await podIp(cluster, 'unbound');
    await cluster.kubectl('delete', 'pod', '-l', 'component=nmi', '--wait=false');
    for (let round = 0; round < 5; round++) expect([0, 400]).toContain((await from('unbound')).status);
    await cluster.kubectl('rollout', 'status', 'daemonset/nmi', '--timeout=60s');
    await until(boundGetsToken);
    expect(reached(cluster, address)).toBe(0);
  });

  it('with no NMI at all: the rules stay, and nobody gets anything', async () => {
    await cluster.kubectl('delete', 'daemonset', 'nmi', '--now');
    await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'component=nmi', '--timeout=60s');
    for (const pod of ['bound', 'unbound']) expect(await from(pod)).toEqual({ status: 0, body: 'ECONNREFUSED' });
    expect(await foreignRules(cluster)).toBe(before);
    await installWorkloads(cluster);
    await until(boundGetsToken);
  });

  it('flushed rules are back within seconds', async () => {
    await cluster.exec(['iptables-nft', '-t', 'nat', '-F', 'aad-metadata']);
    await cluster.exec(['iptables-nft', '-t', 'filter', '-D', 'FORWARD', '-j', 'aad-metadata']);
    await until(boundGetsToken);
    await until(async () => (await own(cluster, 'iptables-nft-save')).length === 11);
    expect((await from('unbound')).status).toBe(400);
  });

  it('a request that is under way while the rules are written anew has its answer', async () => {
    await cluster.azure.control({ action: 'latency', scope: 'imds', ms: 8_000 });
    const answer = await slowRequest(cluster, 'unbound', INSTANCE_URL, 'now');
    await cluster.exec(['iptables-nft', '-t', 'nat', '-F', 'aad-metadata']);
    const outcome = await answer();
    await cluster.azure.control({ action: 'latency', scope: 'imds', ms: 0 });
    expect(outcome).toEqual({ status: 200 });
    await until(boundGetsToken);
  });

  it('by the legacy back-end it is the same, with the rules of the other one left as they are', async () => {
    await installWorkloads(cluster, {
      nmiFlags: ['--iptables-backend=legacy'],
      nmiCapabilities: ['NET_ADMIN', 'NET_RAW'],
    });
    await until(async () => (await own(cluster, 'iptables-legacy-save')).length > 0);
    await takeRulesAway();
    expect(await own(cluster, 'iptables-nft-save')).toEqual([]);
    await until(boundGetsToken);
    expect((await from('unbound')).status).toBe(400);
    const address = await podIp(cluster, 'unbound');
    expect(await askFromPod(cluster, 'unbound', 'http://169.254.169.254:8080/')).toMatchObject({ status: 0 });
    expect(reached(cluster, address)).toBe(0);
    await installWorkloads(cluster);
    await until(boundGetsToken);
  });

  it('the uninstall marker, and only that, takes our rules away, of both back-ends', async () => {
    await installWorkloads(cluster, { nmiCapabilities: LEGACY_NEEDS });
    await cluster.kubectl('annotate', 'daemonset', 'nmi', 'aadpodidentity.k8s.io/uninstall=true');
    for (const program of ['iptables-nft-save', 'iptables-legacy-save'])
      await until(async () => (await own(cluster, program)).length === 0);
    await cluster.kubectl('annotate', 'daemonset', 'nmi', 'aadpodidentity.k8s.io/uninstall-');
    await until(boundGetsToken);
  });

  /** The one moment at which nothing of NMI's is there: what the kernel held went with it, and NMI is not back yet. */
  it('between a reboot of the node and the start of NMI: every pod reaches the service behind, and none by what it opened then once NMI is there', async () => {
    await cluster.kubectl('delete', 'daemonset', 'nmi', '--now');
    await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'component=nmi', '--timeout=60s');
    await cluster.powerOff();
    await cluster.heal();
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/unbound', '--timeout=60s');
    expect(await own(cluster, 'iptables-nft-save')).toEqual([]);
    const address = await podIp(cluster, 'unbound');
    expect((await from('unbound', INSTANCE_URL)).status).toBe(200);
    expect(reached(cluster, address)).toBe(1);
    const later = await slowRequest(cluster, 'unbound', INSTANCE_URL, 'later');
    await installWorkloads(cluster);
    await until(boundGetsToken);
    expect(await later()).toMatchObject({ status: 0 });
    expect((await from('unbound')).status).toBe(400);
    expect(reached(cluster, address)).toBe(2);
  });

  it('after a reboot of the node a bound pod has its token again, an unbound one none', async () => {
    await cluster.powerOff();
    await cluster.heal();
    await cluster.kubectl('rollout', 'status', 'daemonset/nmi', '--timeout=60s');
    for (const pod of ['bound', 'unbound'])
      await cluster.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s');
    await until(boundGetsToken);
    expect((await from('unbound')).status).toBe(400);
  });
});
