/** The seed's story on a real node: real kubelet, real iptables, the project's images, and Azure at its real names. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { example, installWorkloads, startNode, until } from '../../src/node-cluster.ts';
import { portForward } from '../../src/port-forward.ts';

const NO_TOKEN = 'Could not retrieve token...';

describe('the seed’s walk-through on a real node', () => {
  let cluster: Cluster;
  const applyExample = (name: string) => cluster.kubectl('apply', '-f', example(name));

  async function page(): Promise<string> {
    const { url, stop } = await portForward(cluster, 'podidentitydemo', 80);
    try {
      return await (await fetch(url)).text();
    } finally {
      await stop();
    }
  }

  /** The claim `appid` of the token on the page. */
  async function clientOfPage(): Promise<string> {
    const token = /Token: (\S+)/.exec(await page())?.[1] ?? '';
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString('utf8')) as object;
    return 'appid' in claims ? String(claims.appid) : '';
  }

  const assigned = async (): Promise<string> => {
    const path = '{range .items[*]}{.metadata.name} {.status.status}{"\\n"}{end}';
    return cluster.kubectl('get', 'azureassignedidentities', '-A', '-o', `jsonpath=${path}`);
  };

  /** The demo keeps a token as long as it lives, as applications do: a new pod knows none. */
  async function newPod(file: string): Promise<void> {
    await cluster.kubectl('delete', 'pod', 'podidentitydemo', '--ignore-not-found', '--now');
    await applyExample(file);
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/podidentitydemo', '--timeout=60s');
    await until(async () => (await cluster.kubectl('logs', 'podidentitydemo')).includes('the page is at'));
  }

  beforeAll(async () => {
    cluster = await startNode();
    await installWorkloads(cluster);
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'pod', 'podidentitydemo', '--ignore-not-found', '--now');
    await cluster.kubectl('delete', 'secret', 'spaccess-secret', '--ignore-not-found');
    await cluster.kubectl('delete', 'azureidentitybindings,azureidentities', '--all');
  });

  it('a pod without an identity shows that there is no token', async () => {
    await newPod('pod.yaml');
    expect(await page()).toContain(NO_TOKEN);
  });

  it('with the seed’s identity and binding, and the label, the same pod shows a token of that identity', async () => {
    await applyExample('azureidentity.yaml');
    await applyExample('azureidentitybinding.yaml');
    await cluster.kubectl('label', 'pod', 'podidentitydemo', 'aadpodidbinding=azure-access');
    await until(async () => (await assigned()).includes('podidentitydemo-default-azureaccess Assigned'));
    expect(await clientOfPage()).toBe('00000000-cccc-4000-8000-000000000001');
  });

  it('its debugging steps show what was matched, without the client id', async () => {
    const logs = await cluster.kubectl('logs', '-l', 'component=nmi', '--tail=-1');
    expect(logs).toMatch(/matched identityType:0 clientid:0000##### REDACTED #####0001 resource:https:\/\/storage/);
    expect(logs).toMatch(/Status \(200\) took \d+ ns/);
    const all = logs + (await cluster.kubectl('logs', '-l', 'component=mic', '--tail=-1'));
    expect(all).not.toContain('00000000-cccc-4000-8000-000000000001');
    expect(all).not.toContain('eyJ');
  });

  it('a new pod without the label has no token, and nothing is left on the scale set', async () => {
    await newPod('pod.yaml');
    expect(await page()).toContain(NO_TOKEN);
    await until(async () => !(await assigned()).includes('podidentitydemo'));
    expect(JSON.stringify(await cluster.azure.state())).not.toContain('userAssignedIdentities/azureaccess"]');
  });

  it('a service principal works the same way', async () => {
    await cluster.kubectl(
      'create',
      'secret',
      'generic',
      'spaccess-secret',
      '--from-literal=password=not-a-real-secret',
    );
    for (const name of ['azureidentity', 'azureidentitybinding']) await applyExample(`service-principal/${name}.yaml`);
    await newPod('service-principal/pod.yaml');
    expect(await clientOfPage()).toBe('00000000-cccc-4000-8000-000000000002');
  });
});
