import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, removeClusterNamed, type StartOptions, startCluster } from '@aad-pod-identity/cluster';
import { systemClock } from '@aad-pod-identity/runtime';
import { imageName } from './images.ts';
import { kubernetesOfSuite } from './kubernetes-version.ts';
import { neverPull, workloads, type WorkloadOptions } from './workloads.ts';

const root = join(import.meta.dirname, '../..');
const fixture = (name: string): string => join(import.meta.dirname, '../fixtures', name);
export const example = (name: string): string => join(root, 'examples', name);

/**
 * The one real node of the suite: its files share it, and the e2e command removes it at the end. Who runs two suites at
 * once gives one of them another name.
 */
const NODE_CLUSTER = process.env.E2E_NODE_CLUSTER ?? 'e2e-real-node';

const OPTIONS: StartOptions = {
  ...{ profile: 'node', name: NODE_CLUSTER, azure: true, kubernetes: kubernetesOfSuite(process.env) },
  ...{ azureState: fixture('azure-state.json'), cloudConfig: fixture('azure.json') },
};

/** Below the limit of a test, which would not say what was waited for. */
const PATIENCE_MS = 240_000;

/** Waits for a condition. @throws an Error that shows the condition when it does not come in time */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + PATIENCE_MS;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${String(holds)}`);
    await systemClock.sleep(100);
  }
}

export async function apply(cluster: Cluster, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'apply', '-f', '-'];
  const { code, stderr } = await cluster.exec(command, list);
  if (code !== 0) throw new Error(stderr);
}

async function importImages(cluster: Cluster): Promise<void> {
  const { stdout } = await cluster.exec(['ctr', '--namespace', 'k8s.io', 'images', 'list', '-q']);
  if (stdout.includes(imageName('mic'))) return;
  for (const archive of (process.env.E2E_IMAGES ?? '').split(':')) await cluster.importImage(readFileSync(archive));
}

/** A real node with the project's images and CRDs on it, and Azure around it, but without MIC and NMI. */
export async function startNode(): Promise<Cluster> {
  const cluster = await startCluster(OPTIONS);
  await importImages(cluster);
  await cluster.kubectl('apply', '-f', join(root, 'charts/aad-pod-identity/crds'));
  await apply(cluster, neverPull(kubernetesOfSuite(process.env)));
  return cluster;
}

/** Puts MIC and NMI on the node and waits until both are ready. */
export async function installWorkloads(cluster: Cluster, options: WorkloadOptions = {}): Promise<void> {
  await apply(cluster, workloads(options));
  for (const name of ['deployment/mic', 'daemonset/nmi'])
    await cluster.kubectl('rollout', 'status', name, '--timeout=60s');
}

/** Takes away what an earlier file of the suite has put there by hand, which a release of the chart would stumble over. */
export async function removeHandmade(cluster: Cluster): Promise<void> {
  await cluster.kubectl('delete', 'deployment/mic', 'daemonset/nmi', '--ignore-not-found', '--now');
  await cluster.kubectl('wait', '--for=delete', 'pod', '-l', 'component in (mic,nmi)', '--timeout=60s').catch(() => '');
  const kinds = 'azureidentitybindings,azureidentities,azurepodidentityexceptions';
  await cluster.kubectl('delete', kinds, '--all', '-n', 'default');
}

/** Ends the node and everything around it; nothing if there is none. */
export function removeNode(): Promise<void> {
  return removeClusterNamed({ name: NODE_CLUSTER });
}

const EVIDENCE: readonly (readonly string[])[] = [
  ['get', 'pods,daemonsets,deployments', '-A', '-o', 'yaml'],
  [
    'get',
    'azureidentities,azureidentitybindings,azureassignedidentities,azurepodidentityexceptions',
    '-A',
    '-o',
    'yaml',
  ],
  ['get', 'events', '-A'],
  ['logs', '-l', 'component=mic', '--tail=-1', '--prefix'],
  ['logs', '-l', 'component=nmi', '--tail=-1', '--prefix'],
];

/** Puts the logs and objects of the node into a folder that stays. @returns the folder */
export async function keepEvidence(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aad-pod-identity-e2e-'));
  const cluster = await startCluster(OPTIONS).catch(() => undefined);
  if (cluster === undefined) return folder;
  const logs = join(cluster.folder, 'logs');
  if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true });
  for (const [index, args] of EVIDENCE.entries()) {
    const said = await cluster.kubectl(...args).catch((error: unknown) => String(error));
    writeFileSync(
      join(
        folder,
        `${index}-${args
          .slice(0, 3)
          .join('-')
          .replace(/[^a-z-]+/g, '-')}.txt`,
      ),
      said,
    );
  }
  return folder;
}

export interface PodOptions {
  readonly label?: string;
  readonly hostNetwork?: boolean;
  readonly namespace?: string;
}

/** A pod that does nothing by itself; `inPod` runs programs in it. */
export async function createPod(
  cluster: Cluster,
  name: string,
  { label, hostNetwork, namespace = 'default' }: PodOptions = {},
): Promise<void> {
  const labels = label === undefined ? { app: name } : { app: name, aadpodidbinding: label };
  const script = 'process.on("SIGTERM", process.exit); setInterval(() => {}, 1e6)';
  const command = ['/usr/local/bin/node', '-e', script, '--', `pod=${name}`];
  const containers = [{ name: 'main', image: imageName('identity-validator'), command }];
  const spec = { containers, hostNetwork: hostNetwork ?? false, terminationGracePeriodSeconds: 1 };
  await apply(cluster, [{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec }]);
  await cluster.kubectl('wait', '-n', namespace, '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
}

/** The pid of a pod made by `createPod`, as the node sees it. */
export async function pidOfPod(cluster: Cluster, name: string): Promise<string> {
  const { stdout } = await cluster.exec(['pgrep', '-n', '-f', `^/usr/local/bin/node .* pod=${name}$`]);
  return stdout.trim();
}

export async function podIp(cluster: Cluster, name: string): Promise<string> {
  return cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');
}

/** What a request from inside a pod came to. */
export interface Outcome {
  /** 0 where no answer came. */
  readonly status: number;
  /** The body, or the code of the error. */
  readonly body: string;
}

const TOKEN_QUERY = 'api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F';
export const TOKEN_URL = `http://169.254.169.254/metadata/identity/oauth2/token?${TOKEN_QUERY}`;

/** Raw sockets instead of fetch, which would mend the spelling of a path. */
const ASK = `
const { request } = require('node:http');
const [url, path, timeout] = process.argv.slice(1);
const done = (outcome) => { console.log(JSON.stringify(outcome)); process.exit(0); };
const { hostname, port, pathname, search } = new URL(url);
const sent = request({ hostname, port, path: path || pathname + search, headers: { Metadata: 'true' } }, (answer) => {
  let body = '';
  answer.on('data', (text) => (body += text)).on('end', () => done({ status: answer.statusCode, body }));
});
sent.on('error', ({ code }) => done({ status: 0, body: code }));
sent.setTimeout(Number(timeout), () => done({ status: 0, body: 'TIMEOUT' }));
sent.end();
`;

export interface Ask {
  /** The request's target, if it is to be spelled otherwise than a URL would. */
  readonly path?: string;
  readonly timeoutMs?: number;
}

/** Asks from inside a pod, as its application would. */
export async function askFromPod(
  cluster: Cluster,
  pod: string,
  url: string,
  { path = '', timeoutMs = 10_000 }: Ask = {},
): Promise<Outcome> {
  const script = ['node', '-e', ASK, '--', url, path, String(timeoutMs)];
  return JSON.parse(await cluster.kubectl('exec', pod, '--', ...script)) as Outcome;
}

/** Asks from the node itself, outside of every pod. */
export async function askFromNode(cluster: Cluster, url: string): Promise<Outcome> {
  const { stdout } = await cluster.exec([process.execPath, '-e', ASK, '--', url, '', '10000']);
  return JSON.parse(stdout) as Outcome;
}

/** Whose token an answer holds, by its claim `appid`; undefined if it holds none. */
export function clientIdIn({ body }: Outcome): string | undefined {
  const token = /"access_token":"([^"]+)"/.exec(body)?.[1];
  if (token === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { appid?: string };
  return claims.appid;
}
