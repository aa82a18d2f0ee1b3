/** Rows 36 and 42: what changes nothing makes no work, and what makes no sense stops nothing. */
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';
import { sceneStores } from '../scene.ts';
import { subscribeTriggers } from '../../src/triggers.ts';
import { slimIdentity, slimNmi, slimNode, slimPod, slimRecord } from '../../src/world/slim.ts';

const API = 'aadpodidentity.k8s.io/v1';
const writes = (cluster: TestCluster): string[] =>
  cluster.kube.requests
    .filter(({ method, path }) => method !== 'GET' && !/leases|endpoints/.test(path))
    .map(({ method, path }) => `${method} ${path}`);

describe('36: unchanged objects cause no work', () => {
  const pods = Array.from({ length: 50 }, (_, index) => `pod-${index}`);
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    cluster.addScaleSet('set', 2);
    cluster.bindIdentity('demo');
    for (const name of pods) cluster.addPod(name, 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(pods.length));
    await eventually(() => cluster.identityCondition('demo')?.status === 'True');
    await eventually(() => cluster.events().length > 0);
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
  });

  /** A pod more, and its identity, tell that everything before it was seen. */
  async function untilSeen(): Promise<void> {
    cluster.addPod('last', 'set-0', 'demo');
    await eventually(cluster.allAssigned(pods.length + 1));
  }
  const armRequests = (): number => cluster.azure.state.requests.filter(({ service }) => service === 'arm').length;
  const isOfLast = (write: string): boolean => /POST .*(azureassignedidentities|events)$|PATCH .*events/.test(write);

  it.each<[string, () => void]>([
    ['the watches are lost and everything is listed again', () => cluster.kube.resetConnections()],
    [
      'nodes say that they are alive, and get labels',
      () => {
        for (const name of ['set-0', 'set-1']) {
          const beat = {
            metadata: { labels: { seen: 'again' } },
            status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
          };
          cluster.kube.state.patch('v1', 'Node', undefined, name, beat);
        }
      },
    ],
    [
      'pods become ready, and get annotations',
      () => {
        for (const name of pods) {
          const more = { metadata: { annotations: { a: 'b' } }, status: { phase: 'Running', message: 'ready' } };
          cluster.kube.state.patch('v1', 'Pod', 'default', name, more);
        }
      },
    ],
    [
      'the metadata of identity, binding and records is edited',
      () => {
        const metadata = { annotations: { a: 'b' }, labels: { c: 'd' } };
        cluster.kube.state.patch(API, 'AzureIdentity', 'default', 'demo', { metadata });
        cluster.kube.state.patch(API, 'AzureIdentityBinding', 'default', 'demo', { metadata });
        for (const name of pods)
          cluster.kube.state.patch(API, 'AzureAssignedIdentity', 'default', `${name}-default-demo`, { metadata });
      },
    ],
  ])('%s', async (_case, disturb) => {
    const [before, arm] = [writes(cluster).length, armRequests()];
    disturb();
    await untilSeen();
    expect(
      writes(cluster)
        .slice(before)
        .filter((write) => !isOfLast(write)),
    ).toEqual([]);
    expect(armRequests()).toBe(arm);
  });
});

it('36: what is no change of what MIC keeps of an object names nothing to be looked at', () => {
  const stores = sceneStores({ pods: [{}], identities: [{}], bindings: [{}], records: [{}] });
  const keys: string[] = [];
  subscribeTriggers(stores, (key) => keys.push(key));
  const [podBefore, identityBefore] = [stores.pods.get('default/demo'), stores.identities.get('default/demo')];
  if (podBefore === undefined || identityBefore === undefined) throw new Error('not there');
  stores.identities.apply({ ...identityBefore, said: { uid: 'u', generation: 3, conditions: [] } });
  stores.pods.apply({ ...podBefore });
  expect(keys).toEqual([]);
});

const NULLS: Readonly<Record<string, object>> = {
  'a pod without spec and status': { kind: 'Pod', spec: null, status: null },
  'a pod with null fields': {
    kind: 'Pod',
    spec: { nodeName: null, serviceAccountName: null },
    status: { phase: null },
  },
  'a node without spec': { kind: 'Node', spec: null, status: null },
  'a node whose providerID is null': { kind: 'Node', spec: { providerID: null } },
  'an identity without spec': { kind: 'AzureIdentity', spec: null, status: null },
  'an identity with null fields': {
    kind: 'AzureIdentity',
    spec: { type: null, resourceID: null, clientID: null, clientPassword: null, auxiliaryTenantIDs: null },
    status: { conditions: null },
  },
  'an identity with null conditions': { kind: 'AzureIdentity', spec: {}, status: { conditions: [null, {}] } },
  'a binding without spec': { kind: 'AzureIdentityBinding', spec: null },
  'a binding with null fields': {
    kind: 'AzureIdentityBinding',
    spec: { azureIdentity: null, selector: null, weight: null, serviceAccountNames: null },
  },
  'a record without anything': { kind: 'AzureAssignedIdentity', spec: null, status: null },
  'a record with null fields': {
    kind: 'AzureAssignedIdentity',
    spec: { azureIdentityRef: null, azureBindingRef: null, pod: null, podNamespace: null, nodename: null },
    status: { status: null, conditions: null },
  },
  'a record whose copies are empty': {
    kind: 'AzureAssignedIdentity',
    spec: { azureIdentityRef: {}, azureBindingRef: {} },
  },
};

describe('null fields', () => {
  it.each(Object.entries(NULLS))('of %s are read, or leave it out', (_what, object) => {
    for (const metadata of [{ name: 'null', namespace: 'default', labels: null, annotations: null }, null, undefined]) {
      const raw = { ...object, metadata };
      const slimTainted = (object: unknown) => slimNode(object, 'a');
      for (const slim of [slimPod, slimNmi, slimTainted, slimIdentity, slimRecord])
        expect(() => slim(raw)).not.toThrow();
    }
  });

  let cluster: TestCluster;
  let mic: RunningMic | undefined;
  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(async () => {
    await mic?.stop();
    await cluster.close();
  });

  /** As far as the API server takes it. */
  function store(object: object, name: string): boolean {
    const { kind } = object as { kind: string };
    const apiVersion = kind === 'Pod' || kind === 'Node' ? 'v1' : API;
    const labels = { aadpodidbinding: 'demo', nodename: 'vm-0' };
    const metadata = { name, labels, ...(kind === 'Node' ? {} : { namespace: 'default' }) };
    try {
      cluster.kube.state.create({ ...object, apiVersion, metadata });
      return true;
    } catch {
      return false;
    }
  }

  it('42: null fields never crash MIC, and everybody else is served', async () => {
    const stored = Object.values(NULLS).filter((object, index) => store(object, `null-${index}`));
    expect(stored.length).toBeGreaterThan(5);
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    const names = () => cluster.records().map(({ metadata }) => metadata.name);
    await eventually(() => cluster.condition('web-default-demo')?.status === 'True');
    // Records of nobody go.
    await eventually(() => names().every((name) => !name.startsWith('null-')));
    await eventually(() => cluster.identityCondition('demo')?.status === 'True');
  });
});
