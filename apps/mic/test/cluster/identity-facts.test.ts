import { API_VERSION } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const DRIFT = '--identity-assignment-reconcile-interval=100ms';

describe('what Azure says of an identity itself', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
    expect(cluster.azure.state.concurrentWrites).toEqual([]);
  });

  const lookups = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.lookup');
  const recordedClientId = (record: string) =>
    (
      cluster.records().find(({ metadata }) => metadata.name === record)?.spec as unknown as {
        azureIdentityRef: { spec: { clientID: string } };
      }
    ).azureIdentityRef.spec.clientID;
  const shownClientId = (resource: string, armId: string) =>
    cluster.azure.state.resource(resource).userAssigned.get(armId)?.clientId;
  const forbidLookups = () => {
    const action = { kind: 'status', status: 403, code: 'AuthorizationFailed' } as const;
    cluster.azure.control.failNext('arm.lookup', action, { times: Infinity });
  };

  it('fills in the client id that an author left out, in the record and never in what the author wrote', async () => {
    cluster.addVm('vm-0');
    const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'demo' });
    const authored = azureIdentity({ name: 'demo', spec: { resourceID: id } });
    delete (authored.spec as { clientID?: string }).clientID;
    cluster.kube.state.create(authored);
    cluster.kube.state.create(azureIdentityBinding({ name: 'demo', selector: 'demo' }));
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    expect(recordedClientId('web-default-demo')).toBe(clientId);
    const stored = cluster.kube.state.get(
      API_VERSION,
      'AzureIdentity',
      'default',
      'demo',
    ) as unknown as typeof authored;
    expect(stored.spec).toEqual(authored.spec);
  });

  it('finds out that an identity was recreated, and has the new one put in the place of the old', async () => {
    const vm = cluster.addVm('vm-0');
    const [armId, other] = [cluster.bindIdentity('demo'), cluster.bindIdentity('other', 'demo')];
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, [DRIFT]);
    await eventually(cluster.allAssigned(2));
    const { clientId } = cluster.azure.state.recreateIdentity(armId);
    await eventually(() => shownClientId(vm, armId) === clientId);
    await eventually(() => recordedClientId('web-default-demo') === clientId);
    await eventually(cluster.allAssigned(2));
    expect([cluster.assigned(vm), cluster.armWrites()]).toEqual([[armId, other].sort(), 3]);
    await eventually(() => cluster.events().includes('demo: identity recreated'));
    expect(cluster.messages().join()).not.toContain(clientId);
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
  });

  it('the same where the VM or scale set shows no ids any more, also if MIC may not read identities', async () => {
    const set = cluster.addScaleSet('set', 1);
    const armId = cluster.bindIdentity('demo');
    cluster.addPod('web', 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    await mic.stop();
    forbidLookups();
    const { clientId } = cluster.azure.state.recreateIdentity(armId, 'noIds');
    mic = startMic(cluster, [DRIFT]);
    await eventually(() => shownClientId(set, armId) === clientId);
    await eventually(() => recordedClientId('web-default-demo') === clientId);
    await eventually(cluster.allAssigned(1));
  });

  it('a MIC that ends while the old one is taken off leaves it to the next one to put the new one there', async () => {
    const vm = cluster.addVm('vm-0');
    const armId = cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, [DRIFT]);
    await eventually(cluster.allAssigned(1));
    cluster.azure.control.arm.updateMs = 1500;
    const { clientId } = cluster.azure.state.recreateIdentity(armId);
    await eventually(() => cluster.armWrites() === 2);
    await mic.stop();
    mic = startMic(cluster, [DRIFT]);
    await eventually(() => shownClientId(vm, armId) === clientId);
    await eventually(cluster.allAssigned(1));
    cluster.deletePod('web');
    await eventually(() => cluster.states().length === 0 && cluster.assigned(vm).length === 0);
    expect(cluster.armWrites()).toBe(4);
  });

  it.each<[string, (armId: string) => { args: string[]; assigned: string[] }]>([
    ['that somebody else assigned', (armId) => ({ args: [], assigned: [armId] })],
    ['that is immutable', (armId) => ({ args: [`--immutable-user-msis=${armId.toUpperCase()}`], assigned: [] })],
  ])('leaves the old one alone %s, and says so', async (_case, choose) => {
    const armId = cluster.bindIdentity('demo');
    const { args, assigned } = choose(armId);
    const vm = cluster.addVm('vm-0', assigned);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, [DRIFT, ...args]);
    await eventually(cluster.allAssigned(1));
    const writes = cluster.armWrites();
    const old = shownClientId(vm, armId);
    cluster.azure.state.recreateIdentity(armId);
    await eventually(() => cluster.condition('web-default-demo')?.reason === 'IdentityRecreated');
    const asked = lookups().length;
    await eventually(() => lookups().length > asked + 2);
    expect([shownClientId(vm, armId), cluster.armWrites()]).toEqual([old, writes]);
    expect(cluster.condition('web-default-demo')?.message).toContain('take it off');
  });

  it('one that is deleted is told, and nothing is written before it is recreated', async () => {
    const vm = cluster.addVm('vm-0');
    const armId = cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, [DRIFT]);
    await eventually(cluster.allAssigned(1));
    cluster.azure.control.breakIdentity(armId, 'missing');
    await eventually(() => cluster.condition('web-default-demo')?.reason === 'IdentityDeleted');
    const asked = lookups().length;
    await eventually(() => lookups().length > asked);
    expect([cluster.assigned(vm), cluster.armWrites()]).toEqual([[armId], 1]);
    cluster.azure.control.mendIdentity(armId);
    const { clientId } = cluster.azure.state.recreateIdentity(armId);
    await eventually(() => shownClientId(vm, armId) === clientId);
    await eventually(cluster.allAssigned(1));
  });

  it.each<[string, () => void]>([
    [
      'MIC may not read identities',
      () => {
        forbidLookups();
      },
    ],
    [
      'a look-up never answers',
      () => {
        cluster.azure.control.hang('arm.lookup');
      },
    ],
    [
      'look-ups are throttled',
      () => {
        cluster.azure.control.throttle('arm.lookup', 99, { retryAfter: 60 });
      },
    ],
  ])('where %s, everything is assigned all the same', async (_case, spoil) => {
    cluster.addVm('vm-0');
    for (let at = 0; at < 12; at++) cluster.bindIdentity(`id-${at}`, 'demo');
    spoil();
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(12));
    await eventually(() => lookups().length > 0);
    await cluster.azure.control.reset();
  });

  it('is asked once for each identity and drift interval, whatever the number of pods and scale sets', async () => {
    for (const name of ['one', 'two', 'three']) cluster.addScaleSet(name, 2);
    const ids = [cluster.bindIdentity('first', 'demo'), cluster.bindIdentity('second', 'demo')];
    for (const name of ['one', 'two', 'three']) {
      for (let at = 0; at < 4; at++) cluster.addPod(`${name}-${at}`, `${name}-${at % 2}`, 'demo');
    }
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(24));
    await eventually(() => lookups().length === 2);
    cluster.addPod('late', 'one-0', 'demo');
    await eventually(cluster.allAssigned(26));
    expect(
      lookups()
        .map(({ path }) => path.toLowerCase())
        .sort(),
    ).toEqual([...ids].sort());
  });
});
