/** The official clients, unmodified and with their default settings, in the network of pods on a real node. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { bringClients, type Client } from '../../src/clients.ts';
import { clientIdOf, OBJECT_ID, type Result, runClient, SECOND, startClientPods, VICTIM } from './clients-in-pods.ts';

/** Takes the 400 that IMDS gives where there is no identity for a failure; a chain goes on only where nobody answers. */
const ENDS_AT_400 = new Set(['Java']);
const CLIENTS = ['JavaScript', 'Python', 'Go', 'Java'];

describe.each(CLIENTS)('the client library of %s', (language) => {
  let cluster: Cluster;
  let client: Client;

  const run = (pod: string, ...args: string[]): Promise<Result> => runClient(cluster, client, pod, args);

  beforeAll(async () => {
    const clients = await bringClients(process.env, () => undefined);
    client = clients.find(({ name }) => name.includes(`(${language})`)) as Client;
    cluster = await startClientPods();
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
