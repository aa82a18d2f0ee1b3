/**
 * What runs in the namespaces of `node-in-namespaces.ts`: a Kubernetes API and an Azure, simulated, and the real NMI
 * between them. Does what it is told by messages, one at a time.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { createInterface } from 'node:readline';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { type Answer, askFrom, join, leave, makeNode, NODE_ADDRESSES, type Sandbox } from './links.ts';

const root = joinPath(import.meta.dirname, '../../..');
const NODE = 'node-0';
const QUERY = 'api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F';

const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));

await makeNode();
const folder = process.env.NODE_FOLDER ?? mkdtempSync(joinPath(tmpdir(), 'node-'));
const kube = await startKubernetesSimulator({ crds, bookmarkIntervalMs: 500 });
const azure = await startAzureSimulator();
const machine = azure.addVm({ resourceGroup: 'nodes', name: NODE, systemAssigned: true }).id;
const imds = await azure.imdsFor(machine);

function file(name: string, content: string): string {
  writeFileSync(joinPath(folder, name), content);
  return joinPath(folder, name);
}

const nmi = spawn(
  process.execPath,
  [
    ...[joinPath(root, 'apps/nmi/src/main.ts'), `--node=${NODE}`, '--redirection=none', '--log-format=json'],
    ...['--operation-mode=managed', '--forceNamespaced', '--nmi-listen-address=::', '--nmi-port=2579'],
    ...['--http-probe-port=8085', '--prometheus-port=9090'],
    ...['--metadata-ip=127.0.0.1', `--metadata-port=${imds.port}`],
  ],
  {
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: file('kubeconfig', kube.kubeconfig()),
      AZURE_ENVIRONMENT_FILEPATH: file('cloud.json', JSON.stringify(azure.environment())),
      NODE_EXTRA_CA_CERTS: file('ca.pem', azure.ca.certPem),
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  },
);

const knows = Promise.withResolvers<undefined>();
createInterface({ input: nmi.stderr }).on('line', (line) => {
  if (line.includes('the pods of this node and their identities are known')) knows.resolve(undefined);
});

/** A pod as the API server has it, with an identity of its own. */
function register({ name, addresses }: Sandbox): void {
  const identity = azure.addIdentity({ resourceGroup: 'nodes', name });
  azure.state.assign(azure.state.resource(machine), identity.id);
  kube.state.create(azureIdentity({ name, spec: { resourceID: identity.id, clientID: identity.clientId } }));
  kube.state.create(azureIdentityBinding({ name }));
  const raw = pod({ name, label: name, node: NODE });
  const status = { ...raw.status, podIP: addresses[0], podIPs: addresses.map((each) => ({ ip: each })) };
  kube.state.create({ ...raw, status });
}

function whose({ body }: Answer): string | undefined {
  const token = /"access_token":"[^".]+\.([^".]+)\./.exec(body)?.[1];
  if (token === undefined) return undefined;
  const { appid } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { appid: string };
  const known = [...azure.state.identities.values()];
  return known
    .find(({ clientId }) => clientId === appid)
    ?.id.split('/')
    .at(-1);
}

async function ask(name: string, node: keyof typeof NODE_ADDRESSES) {
  const address = NODE_ADDRESSES[node];
  const host = address.includes(':') ? `[${address}]` : address;
  const answer = await askFrom(name, `http://${host}:2579/metadata/identity/oauth2/token?${QUERY}`);
  return { status: answer.status, retryAfter: answer.retryAfter, whose: whose(answer) };
}

const does = {
  join,
  leave,
  register,
  unregister: (name: string) => void kube.state.delete('v1', 'Pod', 'default', name),
  ask: ([name, node]: [string, keyof typeof NODE_ADDRESSES]) => ask(name, node),
  stopApi: () => kube.stop(),
  startApi: () => kube.start(),
  silenceWatches: () => {
    kube.silenceWatches(/\/pods$/);
  },
  knows: () => knows.promise,
  ready: async () => (await fetch('http://127.0.0.1:8085/readyz')).status === 200,
  proven: async () => {
    const text = await (await fetch('http://127.0.0.1:9090/metrics')).text();
    return Number(/^aadpodidentity_nmi_proven_pod_addresses (\d+)$/m.exec(text)?.[1] ?? 0);
  },
} as const;

export type Does = typeof does;

process.on('message', ({ verb, what }: { verb: keyof Does; what: unknown }) => {
  void Promise.resolve()
    .then(() => (does[verb] as (what: unknown) => unknown)(what))
    .then((result) => process.send?.({ result }))
    .catch((error: unknown) => process.send?.({ error: String(error) }));
});
process.on('disconnect', () => {
  nmi.kill('SIGKILL');
  process.kill(process.pid, 'SIGKILL');
});
process.send?.({ result: 'ready' });
