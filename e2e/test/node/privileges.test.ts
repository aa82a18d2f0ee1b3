/** Which of Linux's capabilities NMI's container needs, with all others dropped. */
import type { Cluster } from '@aad-pod-identity/cluster';
import {
  apply,
  askFromPod,
  clientIdIn,
  createPod,
  installWorkloads,
  startNode,
  TOKEN_URL,
  until,
} from '../../src/node-cluster.ts';
import { workloads } from '../../src/workloads.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const resourceID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second`;
const clientID = '00000000-cccc-4000-8000-000000000003';

const aad = (kind: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name: 'second', namespace: 'default' } },
  spec,
});

let cluster: Cluster;
const boundGetsToken = async (): Promise<boolean> =>
  clientIdIn(await askFromPod(cluster, 'bound', TOKEN_URL)) === clientID;

const rules = async (program: string): Promise<string[]> => {
  const { stdout } = await cluster.exec([program]);
  return stdout.split('\n').filter((line) => line.includes('aad-metadata'));
};

/** What the process may do, as the kernel has it: a bit for each capability. */
async function capabilities(): Promise<number> {
  const { stdout: pid } = await cluster.exec(['pgrep', '-n', '-f', '/app/main.js --node=']);
  const { stdout } = await cluster.exec(['grep', 'CapEff', `/proc/${pid.trim()}/status`]);
  return Number.parseInt(stdout.split(/\s+/)[1] ?? '', 16);
}

/** Empty while the container is being made. */
const logs = (): Promise<string> => cluster.kubectl('logs', '-l', 'component=nmi', '--tail=-1').catch(() => '');

const BITS = { NET_ADMIN: 1 << 12, NET_RAW: 1 << 13 };
type Capability = keyof typeof BITS;
const LEGACY = ['--iptables-backend=legacy'];

async function takeRulesAway(): Promise<void> {
  await cluster.kubectl('annotate', 'daemonset', 'nmi', 'aadpodidentity.k8s.io/uninstall=true', '--overwrite');
  for (const program of ['iptables-nft-save', 'iptables-legacy-save'])
    await until(async () => (await rules(program)).length === 0);
  await cluster.kubectl('delete', 'daemonset', 'nmi', '--now');
  await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'component=nmi', '--timeout=60s');
}

beforeAll(async () => {
  cluster = await startNode();
  await installWorkloads(cluster);
  await apply(cluster, [
    aad('AzureIdentity', { type: 0, resourceID, clientID }),
    aad('AzureIdentityBinding', { azureIdentity: 'second', selector: 'second' }),
  ]);
  await createPod(cluster, 'bound', { label: 'second' });
  await createPod(cluster, 'unbound');
  await until(boundGetsToken);
});

afterAll(async () => {
  await takeRulesAway();
  await installWorkloads(cluster);
});

describe('NMI', () => {
  beforeEach(takeRulesAway);
  afterEach(() => installWorkloads(cluster, { nmiFlags: LEGACY, nmiCapabilities: ['NET_ADMIN', 'NET_RAW'] }));

  it.each<[sentence: string, flags: string[], capabilities: Capability[], save: string]>([
    ['NET_ADMIN alone where iptables is nft', [], ['NET_ADMIN'], 'iptables-nft-save'],
    ['NET_ADMIN and NET_RAW where it is legacy', LEGACY, ['NET_ADMIN', 'NET_RAW'], 'iptables-legacy-save'],
  ])('works with %s', async (_, nmiFlags, nmiCapabilities, save) => {
    await installWorkloads(cluster, { nmiFlags, nmiCapabilities });
    expect(await capabilities()).toBe(nmiCapabilities.reduce((bits, name) => bits | BITS[name], 0));
    await until(boundGetsToken);
    expect((await askFromPod(cluster, 'unbound', TOKEN_URL)).status).toBe(400);
    expect((await rules(save)).length).toBeGreaterThan(0);
    expect(await logs()).not.toMatch(/not in place|conntrack failed/);
  });

  it.each<[sentence: string, flags: string[], capabilities: Capability[]]>([
    ['none where iptables is nft', [], []],
    ['NET_ADMIN alone where it is legacy', LEGACY, ['NET_ADMIN']],
    ['NET_RAW alone', [], ['NET_RAW']],
  ])('is not ready with %s, and says why', async (_, nmiFlags, nmiCapabilities) => {
    await apply(cluster, workloads({ nmiFlags, nmiCapabilities }));
    await until(async () => /not in place.*(Permission denied|you must be root)/.test(await logs()));
    const ready = 'jsonpath={.status.numberReady}';
    expect(await cluster.kubectl('get', 'daemonset', 'nmi', '-o', ready)).toBe('0');
  });
});
