/** The chart on a real node: installed, used as the seed does, upgraded under load, uninstalled without a trace. */
import { type Cluster } from '@aad-pod-identity/cluster';
import { runHelm, withValues } from '../../src/helm.ts';
import {
  askFromPod,
  clientIdIn,
  createPod,
  example,
  removeNode,
  startNode,
  TOKEN_URL,
  until,
} from '../../src/node-cluster.ts';
import { startSteadyLoad } from '../../src/steady-load.ts';
import { CHART, HELM } from '../chart/chart.ts';

const RELEASE = ['aad-pod-identity', '-n', 'default'];
const GROUP = '/subscriptions/00000000-aaaa-4000-8000-000000000001/resourceGroups/identities';
const CLIENT_ID = '00000000-cccc-4000-8000-000000000003';
const VALUES = {
  image: { repository: 'aad-pod-identity.test' },
  mic: { tag: 'e2e' },
  nmi: { tag: 'e2e' },
  test: { tag: 'e2e' },
  azureIdentities: {
    second: {
      resourceID: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second`,
      ...{ clientID: CLIENT_ID, binding: { selector: 'second' } },
    },
  },
};

let cluster: Cluster;

const helm = (verb: string, ...args: string[]): Promise<string> => runHelm(HELM, cluster, [verb, ...RELEASE, ...args]);
const install = (verb: string, values: object = {}): Promise<string> =>
  withValues({ ...VALUES, ...values }, (file) => helm(verb, CHART, file, '--wait', '--timeout=120s'));
const rulesOf = async (): Promise<string[]> => {
  const { stdout } = await cluster.exec(['iptables-nft-save']);
  return stdout.split('\n').filter((line) => line.includes('aad-metadata'));
};
const clientOf = async (pod: string) => clientIdIn(await askFromPod(cluster, pod, TOKEN_URL));

/** The identities that Azure has on its machines. */
async function onScaleSets(): Promise<string> {
  const { resources } = (await cluster.azure.state()) as { resources: { userAssigned: string[] }[] };
  return resources.flatMap(({ userAssigned }) => userAssigned).join(' ');
}

beforeAll(async () => {
  // A release is judged by what it leaves, so it begins on a node on which nothing was before.
  await removeNode();
  cluster = await startNode();
});

afterAll(async () => {
  await cluster.kubectl('delete', 'pods', '--all', '-n', 'default', '--now');
  await cluster.kubectl('delete', 'azureidentitybindings,azureidentities', '--all');
});

it('installs, and everything of it is ready', async () => {
  await install('install');
  const ready = 'jsonpath={.status.numberReady} {.status.desiredNumberScheduled}';
  expect(await cluster.kubectl('get', 'daemonset/aad-pod-identity-nmi', '-o', ready)).toBe('1 1');
  const mics = 'jsonpath={.status.readyReplicas}';
  expect(await cluster.kubectl('get', 'deployment/aad-pod-identity-mic', '-o', mics)).toBe('2');
});

it('gives the seed’s pod a token, with its manifests as they are printed', async () => {
  for (const name of ['azureidentity.yaml', 'azureidentitybinding.yaml'])
    await cluster.kubectl('apply', '-f', example(name));
  await createPod(cluster, 'seed', { label: 'azure-access' });
  await until(async () => (await clientOf('seed')) === '00000000-cccc-4000-8000-000000000001');
});

it('gives a pod the identity of its values, and one without the label none', async () => {
  await createPod(cluster, 'second', { label: 'second' });
  await createPod(cluster, 'none');
  await until(async () => (await clientOf('second')) === CLIENT_ID);
  expect(await askFromPod(cluster, 'none', TOKEN_URL)).toMatchObject({ status: 400 });
});

it('passes `helm test`: a pod without an identity is refused', async () => {
  expect(await helm('test', '--timeout=60s')).toContain('Succeeded');
});

it('loses no request in an upgrade, and then `helm test` has a token', async () => {
  const load = await startSteadyLoad(cluster, 'second');
  await install('upgrade', { nmi: { tag: 'e2e', logVerbosity: 1 }, test: { tag: 'e2e', selector: 'second' } });
  await cluster.kubectl('rollout', 'status', 'daemonset/aad-pod-identity-nmi', '--timeout=60s');
  const { answered, failures } = await load.end();
  expect(failures).toEqual({});
  expect(answered).toBeGreaterThan(100);
  expect(await helm('test', '--timeout=60s')).toContain('Succeeded');
});

it('an NMI that cannot start does not replace the one that runs', async () => {
  const broken = { nmi: { tag: 'e2e', metadataIP: 'nowhere' } };
  await expect(
    withValues({ ...VALUES, ...broken }, (file) => helm('upgrade', CHART, file, '--wait', '--timeout=20s')),
  ).rejects.toThrow();
  expect(await clientOf('second')).toBe(CLIENT_ID);
  await install('upgrade');
});

const UNINSTALL_LIMIT_MS = 240_000;

it(
  'uninstalls: rules off the node, its identities off the scale set, no record, no finalizer',
  async () => {
    expect((await rulesOf()).length).toBeGreaterThan(0);
    expect(await onScaleSets()).toMatch(/userAssignedIdentities\/second/i);
    const said = await helm('uninstall', '--timeout=150s');
    expect(said).toContain('uninstalled');
    expect(await rulesOf()).toEqual([]);
    expect(await cluster.kubectl('get', 'azureassignedidentities', '-A', '-o', 'name')).toBe('');
    expect(await onScaleSets()).not.toMatch(/second/i);
    const kinds =
      'deployments,daemonsets,serviceaccounts,configmaps,clusterroles,clusterrolebindings,roles,rolebindings';
    const left = async (): Promise<string[]> =>
      (await cluster.kubectl('get', kinds, '-A', '-o', 'name'))
        .split('\n')
        .filter((name) => name.includes('/aad-pod-id'));
    // what MIC remembers stays: that old objects were rewritten, and what it could not take off
    await until(async () =>
      (await left()).every((name) => /^configmap\/aad-pod-identity-(ledger-\w+|config)$/.test(name)),
    );
  },
  UNINSTALL_LIMIT_MS,
);
