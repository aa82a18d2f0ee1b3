/** What operators of 1.8.17 suffered from that concerns pods and who they are; each test is named by what ours does. */
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from '../bound-pods.ts';
import { ask, type Nmi, startWorld, type World } from '../world.ts';

const AAD = 'aadpodidentity.k8s.io/v1';

describe('pods, as operators need them', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;
  let other: number;
  beforeAll(async () => {
    world = await startWorld();
    const second = await world.nmi(['--node=node-1']);
    nmi = await world.nmi(['--nmi-listen-address=::']);
    [{ port }, { port: other }] = await Promise.all([nmi.ports(), second.ports()]);
  });
  afterAll(() => world.close());
  const clientOf = async (from: string, at = port) => (await claimsOf(world, (await ask(at, { from })).body)).appid;

  it('11: a pod that nobody knows gets 503 and Retry-After', async () => {
    const answer = await ask(port, { from: '127.0.30.2' });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  });

  it('22: a StatefulSet’s pod that moves node gets its token on the new node, none on the old', async () => {
    const { azure, record } = bindPod(world, 'db-0', '127.0.30.3');
    expect(await clientOf('127.0.30.3')).toBe(azure.clientId);
    world.kube.state.delete('v1', 'Pod', 'default', 'db-0');
    const heir = pod({ name: 'db-0', label: 'db-0', node: 'node-1', ip: '127.0.30.4' });
    world.kube.state.create({ ...heir, metadata: { ...heir.metadata, uid: 'uid-of-the-next' } });
    // as MIC records it for the new node
    const moved = { metadata: { labels: { nodename: 'node-1' } }, spec: { nodename: 'node-1' } };
    world.kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', record, moved);
    expect(await clientOf('127.0.30.4', other)).toBe(azure.clientId);
    for (const from of ['127.0.30.3', '127.0.30.4']) expect((await ask(port, { from })).status).toBe(503);
  });

  it('22: what MIC recorded for the old node counts for nothing on the new one, though NMI watches all records', async () => {
    const watchesAll = await world.nmi(['--node=node-1', '--enableScaleFeatures=false']);
    const { azure, record } = bindPod(world, 'db-1', '127.0.30.7');
    world.kube.state.delete('v1', 'Pod', 'default', 'db-1');
    world.kube.state.create(pod({ name: 'db-1', label: 'db-1', node: 'node-1', ip: '127.0.30.8' }));
    const before = world.azure.state.requests.length;
    const answer = clientOf('127.0.30.8', (await watchesAll.ports()).port);
    await watchesAll.line(({ msg }) => msg === 'waiting for an identity');
    expect(world.azure.state.requests.length).toBe(before);
    world.kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', record, { spec: { nodename: 'node-1' } });
    expect(await answer).toBe(azure.clientId);
  });

  it('23: db-0 in a and b share an identity; deleting one keeps the other', async () => {
    const { azure } = bindPod(world, 'shared', '127.0.30.5');
    const [identity, binding] = (['AzureIdentity', 'AzureIdentityBinding'] as const).map((kind) =>
      world.kube.state.get(AAD, kind, 'default', 'shared'),
    );
    for (const [at, podNamespace] of ['a', 'b'].entries()) {
      const record = azureAssignedIdentity({ pod: 'db-0', podNamespace, name: `db-0-${podNamespace}-shared` });
      const refs = { azureIdentityRef: identity, azureBindingRef: binding };
      world.kube.state.create({ ...record, spec: { ...record.spec, ...refs } });
      world.kube.state.create(
        pod({ name: 'db-0', namespace: podNamespace, label: 'shared', ip: `127.0.31.${at + 1}` }),
      );
    }
    expect([await clientOf('127.0.31.1'), await clientOf('127.0.31.2')]).toEqual([azure.clientId, azure.clientId]);
    world.kube.state.delete('v1', 'Pod', 'a', 'db-0');
    world.kube.state.delete(AAD, 'AzureAssignedIdentity', 'default', 'db-0-a-shared');
    expect((await ask(port, { from: '127.0.31.1' })).status).toBe(503);
    expect(await clientOf('127.0.31.2')).toBe(azure.clientId);
  });

  it('23: pod c of a-b and pod b-c of a coexist, each with its own identity', async () => {
    const places = [
      { name: 'c', namespace: 'a-b', label: 'left', ip: '127.0.32.1' },
      { name: 'b-c', namespace: 'a', label: 'right', ip: '127.0.32.2' },
    ];
    for (const { name, namespace, label, ip } of places) {
      const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name: label });
      world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
      const identity = azureIdentity({ name: label, spec: { resourceID: azure.id, clientID: azure.clientId } });
      const binding = azureIdentityBinding({ name: label });
      const record = azureAssignedIdentity({ pod: name, podNamespace: namespace, identity, binding });
      const objects = [identity, binding, record, pod({ name, namespace, label, ip })];
      for (const object of objects) world.kube.state.create(object);
      expect(await clientOf(ip)).toBe(azure.clientId);
    }
  });

  it('45: a pod is found by each address of status.podIPs, an IPv6 remote too', async () => {
    const { azure, name } = bindPod(world, 'dual', '127.0.30.6');
    const podIPs = [{ ip: '127.0.30.6' }, { ip: '::1' }];
    world.kube.state.patch('v1', 'Pod', 'default', name, { status: { podIPs } });
    expect([await clientOf('127.0.30.6'), await clientOf('::1')]).toEqual([azure.clientId, azure.clientId]);
  });
});

it('11: a pod that the watch does not bring is looked up live', async () => {
  const world = await startWorld();
  const { port } = await (await world.nmi()).ports();
  world.kube.silenceWatches(/\/pods$/);
  const { ip, azure } = bindPod(world, 'unheard', '127.0.30.1');
  expect(await claimsOf(world, (await ask(port, { from: ip })).body)).toMatchObject({ appid: azure.clientId });
  await world.close();
});
