/** What operators of 1.8.17 suffered from that concerns which identity is used; each test is named by what ours does. */
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { claimsOf } from '../bound-pods.ts';
import { ask, startWorld, STORAGE, TOKEN_PATH, type World } from '../world.ts';

const AAD = 'aadpodidentity.k8s.io/v1';
const NOT_FOUND = { status: 400, body: '{"error":"invalid_request","error_description":"Identity not found"}' };

const MODES: [mode: string, flags: string[]][] = [
  ['standard', []],
  ['managed', ['--operation-mode=managed', '--forceNamespaced']],
];

describe.each(MODES)('identities in %s mode, as operators need them', (_, flags) => {
  let world: World;
  let port: number;
  let addresses = 1;
  beforeAll(async () => {
    world = await startWorld();
    ({ port } = await (await world.nmi(flags)).ports());
  });
  afterAll(() => world.close());

  /** An identity on the machine, given to pods of the label by a binding of that weight; recorded, as MIC would. */
  function give(podName: string, name: string, weight = 0, spell = (id: string) => id) {
    const azure = world.azure.addIdentity({ resourceGroup: 'nodes', name });
    world.azure.state.assign(world.azure.state.resource(world.machine), azure.id);
    const identity = azureIdentity({ name, spec: { resourceID: spell(azure.id), clientID: spell(azure.clientId) } });
    const binding = azureIdentityBinding({ name, selector: podName, spec: { weight } });
    const record = azureAssignedIdentity({ pod: podName, identity, binding });
    for (const object of [identity, binding, record]) world.kube.state.create(object);
    return azure;
  }

  function start(name: string): string {
    const ip = `127.0.40.${addresses++}`;
    world.kube.state.create(pod({ name, label: name, ip }));
    return ip;
  }

  const request = (from: string, more = '') =>
    ask(port, { from, path: `${TOKEN_PATH}?resource=${encodeURIComponent(STORAGE)}${more}` });
  const clientOf = async (from: string, more = '') => (await claimsOf(world, (await request(from, more)).body)).appid;

  it('27: weight decides, then the name, whatever came first', async () => {
    const [zeta, alpha] = [give('order', 'zeta'), give('order', 'alpha')];
    const from = start('order');
    expect(await clientOf(from)).toBe(alpha.clientId);
    world.kube.state.patch(AAD, 'AzureIdentityBinding', 'default', 'zeta', { spec: { weight: 1 } });
    const answers: string[] = [];
    while (answers.at(-1) !== zeta.clientId) answers.push(await clientOf(from));
    expect(new Set([alpha.clientId, ...answers])).toEqual(new Set([alpha.clientId, zeta.clientId]));
  });

  it('28: any case of an id works, in the objects and in the request', async () => {
    const azure = give('shouting', 'Loud', 0, (id) => id.toUpperCase());
    const from = start('shouting');
    const selectors = [azure.id, azure.clientId].flatMap((id) => [id.toUpperCase(), id.toLowerCase()]);
    for (const id of selectors) {
      const more = id.includes('/') ? `&msi_res_id=${encodeURIComponent(id)}` : `&client_id=${id}`;
      expect((await clientOf(from, more)).toLowerCase()).toBe(azure.clientId.toLowerCase());
    }
  });

  it('29: all query keys are accepted; an unmatched explicit selector never falls back', async () => {
    const azure = give('keys', 'keys');
    const from = start('keys');
    const keys = { client_id: azure.clientId, msi_res_id: azure.id, mi_res_id: azure.id, 'msi-res-id': azure.id };
    for (const [key, id] of Object.entries({ ...keys, object_id: azure.principalId })) {
      expect(await clientOf(from, `&${key}=${encodeURIComponent(id)}`)).toBe(azure.clientId);
      const wrong = key.endsWith('id') && id.includes('/') ? `${id}x` : id.replaceAll(/[0-9a-f]/g, '9');
      expect(await request(from, `&${key}=${encodeURIComponent(wrong)}`)).toMatchObject(NOT_FOUND);
    }
  });

  /** Objects that a server without our schema may hold; each with null where a value is expected. */
  const MANGLED: [sentence: string, object: object][] = [
    ['an identity', { ...azureIdentity({ name: 'null-i' }), spec: { type: 0, resourceID: null, clientID: null } }],
    ['an identity without spec', { ...azureIdentity({ name: 'null-is' }), spec: null }],
    ['a binding', { ...azureIdentityBinding({ name: 'null-b' }), spec: { azureIdentity: null, selector: null } }],
    ['a binding without spec', { ...azureIdentityBinding({ name: 'null-bs' }), spec: null }],
    ['a record', { ...azureAssignedIdentity({ name: 'null-r' }), spec: null, status: null }],
    [
      'an exception',
      { apiVersion: AAD, kind: 'AzurePodIdentityException', metadata: { namespace: 'default', name: 'n' }, spec: null },
    ],
    ['a pod', { ...pod({ name: 'null-p', ip: '127.0.41.1' }), spec: { nodeName: 'node-0' }, status: { podIPs: null } }],
  ];

  it.each(MANGLED)('42: null fields of %s never crash, and everybody else is served', async (sentence, object) => {
    world.kube.state.create(object);
    const name = `beside-${MANGLED.findIndex(([each]) => each === sentence)}`;
    const azure = give(name, name);
    expect(await clientOf(start(name))).toBe(azure.clientId);
  });
});
