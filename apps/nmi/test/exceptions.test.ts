import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { ask, startWorld, STORAGE, TOKEN_PATH, type World } from './world.ts';

const exception = (name: string, podLabels: Record<string, string>, namespace = 'default') => ({
  apiVersion: 'aadpodidentity.k8s.io/v1',
  kind: 'AzurePodIdentityException',
  metadata: { name, namespace },
  spec: { podLabels },
});
const NOT_FOUND = { status: 400, body: '{"error":"invalid_request","error_description":"Identity not found"}' };

describe('who gets the node’s own identity', () => {
  let world: World;
  let port: number;
  let systemAssigned: string | undefined;
  beforeAll(async () => {
    world = await startWorld();
    const { state } = world.kube;
    state.create(exception('aks', { 'kubernetes.azure.com/managedby': 'aks', app: 'addon' }));
    state.create(exception('mic', { app: 'mic' }));
    systemAssigned = world.azure.state.resource(world.machine).systemAssigned?.clientId;
    ({ port } = await (await world.nmi(['--MICNamespace=pod-identity'])).ports());
  });
  afterAll(() => world.close());

  const clientOf = async (body: string) =>
    (await world.azure.verifyToken((JSON.parse(body) as { access_token: string }).access_token)).appid;

  it.each<[sentence: string, options: Parameters<typeof pod>[0], excepted: boolean]>([
    ['a pod with one of an exception’s labels', { name: 'addon', labels: { app: 'addon' } }, true],
    ['a pod whose label differs in case only', { name: 'case', labels: { app: 'ADDON' } }, true],
    ['a pod with another value', { name: 'value', labels: { app: 'addons' } }, false],
    [
      'a pod with the label in another namespace',
      { name: 'elsewhere', namespace: 'team', labels: { app: 'addon' } },
      false,
    ],
    ['a pod with MIC’s labels and another service account', { name: 'mic-fake', labels: { app: 'mic' } }, false],
    [
      'MIC by its service account',
      { name: 'm', namespace: 'pod-identity', serviceAccount: 'aad-pod-identity-mic' },
      true,
    ],
    [
      'the same service account elsewhere',
      { name: 'mic-x', namespace: 'team', serviceAccount: 'aad-pod-identity-mic' },
      false,
    ],
    ['a pod called like MIC', { name: 'microservice', namespace: 'pod-identity' }, false],
  ])('%s', async (sentence, options, excepted) => {
    const ip = `127.0.4.${sentence.length}`;
    world.kube.state.create(pod({ ...options, ip }));
    const answer = await ask(port, { from: ip });
    if (excepted) expect(await clientOf(answer.body)).toBe(systemAssigned);
    else expect(answer).toMatchObject(NOT_FOUND);
  });

  it('an excepted pod that names one of the node’s identities, by any id', async () => {
    const identity = world.azure.addIdentity({ resourceGroup: 'nodes', name: 'of-node' });
    world.azure.state.assign(world.azure.state.resource(world.machine), identity.id);
    world.kube.state.create(pod({ name: 'chooses', labels: { app: 'addon' }, ip: '127.0.5.1' }));
    for (const selector of [
      `client_id=${identity.clientId}`,
      `msi_res_id=${identity.id}`,
      `object_id=${identity.principalId}`,
    ]) {
      const answer = await ask(port, { from: '127.0.5.1', path: `${TOKEN_PATH}?resource=${STORAGE}&${selector}` });
      expect(await clientOf(answer.body)).toBe(identity.clientId);
    }
  });

  it('no longer, once the exception is gone', async () => {
    world.kube.state.create(exception('brief', { app: 'brief' }));
    world.kube.state.create(pod({ name: 'brief', labels: { app: 'brief' }, ip: '127.0.5.2' }));
    expect((await ask(port, { from: '127.0.5.2' })).status).toBe(200);
    world.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzurePodIdentityException', 'default', 'brief');
    expect(await ask(port, { from: '127.0.5.2' })).toMatchObject(NOT_FOUND);
  });

  describe('/host/token', () => {
    const host = (headers: Record<string, string>, from = '127.0.0.1', path = `/host/token/?resource=${STORAGE}`) =>
      ask(port, { from, path, headers });

    it('gives the node a token for the pod that it names', async () => {
      const { state } = world.kube;
      const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name: 'hosted' });
      world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
      const identity = azureIdentity({ name: 'hosted', spec: { resourceID: azure.id, clientID: azure.clientId } });
      const binding = azureIdentityBinding({ name: 'hosted' });
      for (const object of [identity, binding, azureAssignedIdentity({ pod: 'hosted', identity, binding })])
        state.create(object);
      state.create(pod({ name: 'hosted', label: 'hosted', ip: '127.0.5.3' }));
      const { status, body } = await host({ podname: 'hosted', podns: 'default' });
      const answer = JSON.parse(body) as { token: Record<string, string>; clientid: string };
      expect([status, Object.keys(answer), answer.clientid]).toEqual([200, ['token', 'clientid'], azure.clientId]);
      expect(await clientOf(JSON.stringify(answer.token))).toBe(azure.clientId);
    });

    it.each<
      [sentence: string, headers: Record<string, string>, from: string, path: string | undefined, status: number]
    >([
      ['a pod that asks', { podname: 'hosted', podns: 'default' }, '127.0.5.3', undefined, 403],
      ['no pod named', { podns: 'default' }, '127.0.0.1', undefined, 400],
      ['no namespace named', { podname: 'hosted' }, '127.0.0.1', undefined, 400],
      ['no resource', { podname: 'hosted', podns: 'default' }, '127.0.0.1', '/host/token/', 400],
      ['a pod that is not here', { podname: 'nobody', podns: 'default' }, '127.0.0.1', undefined, 503],
    ])('refuses %s', async (_, headers, from, path, status) => {
      expect((await host(headers, from, path)).status).toBe(status);
    });
  });
});
