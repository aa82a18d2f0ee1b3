/** The official clients, unmodified and with their default settings, in the network of pods on a real node. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { bringClients, type Client } from '../../src/clients.ts';
import { apply, createPod, installWorkloads, pidOfPod, startNode, until } from '../../src/node-cluster.ts';

const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourcegroups/identities';
const idOf = (name: string): string => `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
const SECOND = { resourceID: idOf('second'), clientID: '00000000-cccc-4000-8000-000000000003' };
const VICTIM = { resourceID: idOf('victim'), clientID: '00000000-cccc-4000-8000-000000000004' };
const OBJECT_ID = '00000000-dddd-4000-8000-000000000003';

const aad = (kind: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name, namespace: 'default' } },
  spec,
});

interface Result {
  readonly client: string;
  readonly ms: number;
  readonly token?: string;
  readonly error?: string;
}

function clientIdOf({ token = '' }: Result): string | undefined {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString('utf8')) as object;
  return 'appid' in claims ? String(claims.appid) : undefined;
}

/** Takes the 400 that IMDS gives where there is no identity for a failure; a chain goes on only where nobody answers. */
const ENDS_AT_400 = new Set(['Java']);
const CLIENTS = ['JavaScript', 'Python', 'Go', 'Java'];

describe.each(CLIENTS)('the client library of %s', (language) => {
  let cluster: Cluster;
  let client: Client;

  async function run(pod: string, ...args: string[]): Promise<Result> {
    const enter = ['nsenter', '--target', await pidOfPod(cluster, pod), '--net'];
    const { stdout, stderr } = await cluster.exec([...enter, ...client.command, ...args]);
    const line = stdout.split('\n').find((each) => each.startsWith('{'));
    if (line === undefined) throw new Error(stderr);
    return JSON.parse(line) as Result;
  }

  beforeAll(async () => {
    const clients = await bringClients(process.env, () => undefined);
    client = clients.find(({ name }) => name.includes(`(${language})`)) as Client;
    cluster = await startNode();
    await installWorkloads(cluster);
    await apply(cluster, [
      ...[aad('AzureIdentity', 'second', SECOND), aad('AzureIdentity', 'victim', VICTIM)],
      aad('AzureIdentityBinding', 'second', { azureIdentity: 'second', selector: 'second' }),
      aad('AzureIdentityBinding', 'victim', { azureIdentity: 'victim', selector: 'victim' }),
    ]);
    await createPod(cluster, 'client', { label: 'second' });
    await createPod(cluster, 'victim', { label: 'victim' });
    await createPod(cluster, 'stranger');
    const path = 'jsonpath={range .items[*]}{.metadata.name} {.status.status}{"\\n"}{end}';
    const states = (): Promise<string> => cluster.kubectl('get', 'azureassignedidentities', '-o', path);
    const wanted = ['client-default-second Assigned', 'victim-default-victim Assigned'];
    await until(async () => {
      const said = await states();
      return wanted.every((state) => said.includes(state));
    });
  });

  it.each([
    ['without naming one', []],
    ['by its client id', [`--client-id=${SECOND.clientID}`]],
    ['by its resource id', [`--resource-id=${SECOND.resourceID}`]],
    ['by its object id', [`--object-id=${OBJECT_ID}`]],
    ['by the default credential', ['--credential=default']],
  ])('gets a token of the pod’s identity %s', async (_, args) => {
    expect(clientIdOf(await run('client', ...args))).toBe(SECOND.clientID);
  });

  it.each([
    ['another pod’s identity by its client id', 'client', [`--client-id=${VICTIM.clientID}`]],
    ['another pod’s identity by its resource id', 'client', [`--resource-id=${VICTIM.resourceID}`]],
    ['any, in a pod without a binding', 'stranger', []],
    ['the one of another pod, in a pod without a binding', 'stranger', [`--client-id=${SECOND.clientID}`]],
  ])('gets no token of %s', async (_, pod, args) => {
    const { token, error } = await run(pod, ...args);
    expect([token, typeof error]).toEqual([undefined, 'string']);
  });

  it('in a pod without a binding, a chain does what the client makes of the answer of IMDS', async () => {
    const { token, error = '' } = await run('stranger', '--credential=chain');
    if (ENDS_AT_400.has(language)) expect(error).toMatch(/^ClientAuthenticationException/);
    else expect(token).toBe('of the next credential');
  });
});
