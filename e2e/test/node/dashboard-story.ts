/** What else happens on the node while Prometheus looks on, so that no panel of a dashboard is empty. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { apply, askFromPod, clientIdIn, createPod, TOKEN_URL, until } from '../../src/node-cluster.ts';
import { startSteadyLoad } from '../../src/steady-load.ts';

const TEAM = 'measured-team';
const PODS = ['throttled-pod', 'unbound-pod'];
const BINDING = 'without-identity';
const url = (path: string): string => `http://169.254.169.254${path}`;
const tokenFor = (resource: string): string =>
  url(`/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`);

/** More connections than one pod may have. */
const CONNECT = `
const { connect } = require('node:net');
const sockets = Array.from({ length: 600 }, () => connect(80, '169.254.169.254'));
let closed = 0;
for (const socket of sockets) socket.on('error', () => {}).on('close', () => { if (++closed === 1) process.exit(0); });
`;

async function throttledAssignment(cluster: Cluster): Promise<void> {
  await cluster.azure.control({ action: 'throttle', scope: 'arm.update', retryAfter: 4 });
  await createPod(cluster, 'throttled-pod', { label: 'latecomer' });
  await until(async () => clientIdIn(await askFromPod(cluster, 'throttled-pod', TOKEN_URL)) !== undefined);
}

/** A pod and a binding that go together with nothing. */
async function nothingToAssign(cluster: Cluster): Promise<void> {
  const metadata = { name: BINDING, namespace: 'default' };
  const spec = { azureIdentity: 'not-there', selector: 'nobody-has-it' };
  await apply(cluster, [{ apiVersion: 'aadpodidentity.k8s.io/v1', kind: 'AzureIdentityBinding', metadata, spec }]);
  await createPod(cluster, 'unbound-pod', { label: 'unbound' });
  await askFromPod(cluster, 'unbound-pod', TOKEN_URL, { timeoutMs: 1_000 });
}

/** The metadata service is away until NMI leaves it alone. */
async function outage(cluster: Cluster): Promise<void> {
  const other = tokenFor('https://graph.microsoft.com');
  await cluster.azure.control({ action: 'stopService', service: 'imds' });
  const refused = async (): Promise<boolean> =>
    (await askFromPod(cluster, 'second-pod', other, { timeoutMs: 30_000 })).status === 503;
  for (let answers = 0; answers < 5; answers++) await until(refused);
  await cluster.azure.control({ action: 'startService', service: 'imds' });
}

async function hostileThings(cluster: Cluster): Promise<void> {
  await cluster.kubectl('exec', 'nobody', '--', 'node', '-e', CONNECT);
  await cluster.exec(['iptables-nft', '-t', 'nat', '-F', 'aad-metadata']);
  // a count that comes out of nothing is no increase to Prometheus: all but the first of them show
  for (let times = 0; times < 4; times++) {
    await askFromPod(cluster, 'nobody', TOKEN_URL);
    await askFromPod(cluster, 'measured-pod', url('/metadata/instance?api-version=2021-02-01'));
  }
}

/** Needs what `prepareStory` makes, and `tellStory` the identity `latecomer`. */
export async function fillDashboards(cluster: Cluster): Promise<void> {
  await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } }]);
  await createPod(cluster, 'team-pod', { label: 'second', namespace: TEAM });
  const loads = [await startSteadyLoad(cluster, 'measured-pod'), await startSteadyLoad(cluster, 'team-pod', TEAM)];
  await nothingToAssign(cluster);
  await hostileThings(cluster);
  await throttledAssignment(cluster);
  await outage(cluster);
  for (const load of loads) await load.end();
}

export async function emptyDashboards(cluster: Cluster): Promise<void> {
  await cluster.kubectl('delete', 'namespace', TEAM, '--ignore-not-found');
  await cluster.kubectl('delete', 'pod', ...PODS, '--ignore-not-found', '--now');
}
