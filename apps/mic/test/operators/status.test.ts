/** Row 34: no status, which identity is broken? */
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

const IDENTITY = ['aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default'] as const;

let cluster: TestCluster;
let mic: RunningMic | undefined;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic?.stop();
  await cluster.close();
});

const says = (name: string): string => {
  const { status, reason } = cluster.identityCondition(name) ?? {};
  return `${status ?? ''} ${reason ?? ''}`;
};
const until = (name: string, expected: string): Promise<void> => eventually(() => says(name) === expected);
const statusWrites = (): string[] =>
  cluster.kube.requests.flatMap(({ method, path }) =>
    method === 'PATCH' && /azureidentities\/[^/]+\/status$/.test(path) ? [path.split('/').at(-2) ?? ''] : [],
  );

it.each([
  // Azure was asked of the identity itself as well.
  ['missing', 'FailedIdentityOperation', 'ResourceNotFound'],
  ['forbidden', 'LinkedAuthorizationFailed', 'LinkedAuthorizationFailed'],
] as const)(
  '34: conditions with the last ARM error on the identity and the assigned identity: one that is %s',
  async (...row) => {
    const [breakage, onRecord, onIdentity] = row;
    cluster.addVm('vm-0');
    cluster.bindIdentity('good', 'demo');
    cluster.azure.control.breakIdentity(cluster.bindIdentity('bad', 'demo'), breakage);
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await until('bad', `False ${onIdentity}`);
    await until('good', 'True Assigned');
    await eventually(() => cluster.condition('web-default-bad')?.reason === onRecord);
    for (const condition of [cluster.identityCondition('bad'), cluster.condition('web-default-bad')]) {
      const message = condition?.message ?? '';
      expect(message).toContain('bad');
      expect(message.replaceAll(/\/subscriptions\/[0-9a-f-]{36}/gi, '')).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i);
    }
  },
);

it('of kubectl wait: the condition is about the present generation, with the time since when it holds', async () => {
  cluster.addVm('vm-0');
  cluster.azure.control.arm.updateMs = 500;
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await until('demo', 'Unknown Assigning');
  await until('demo', 'True Assigned');
  const { observedGeneration, lastTransitionTime } = cluster.identityCondition('demo') ?? {};
  expect(observedGeneration).toBe(cluster.identity('demo')?.metadata.generation);
  expect(lastTransitionTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

it('an identity that is edited is judged anew, and one that is mended says so', async () => {
  const vm = cluster.addVm('vm-0');
  cluster.kube.state.create(azureIdentity({ spec: { resourceID: '', clientID: '' } }));
  cluster.kube.state.create(azureIdentityBinding());
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await until('demo', 'False IdentityInvalid');
  expect(cluster.identityCondition('demo')?.message).toMatch(/^spec\.resourceID: found nothing/);
  const id = cluster.newIdentity('mended');
  cluster.kube.state.patch(...IDENTITY, 'demo', { spec: { resourceID: id } });
  await until('demo', 'True Assigned');
  expect(cluster.assigned(vm)).toEqual([id.toLowerCase()]);
  expect(cluster.identityCondition('demo')?.observedGeneration).toBe(cluster.identity('demo')?.metadata.generation);
});

it.each<[string, string, () => void]>([
  ['no binding names it', 'Unknown NotBound', () => undefined],
  ['no pod is bound to it', 'Unknown NoPods', () => cluster.kube.state.create(azureIdentityBinding())],
  [
    'its namespace keeps it from every pod',
    'False OtherNamespace',
    () => {
      cluster.kube.state.create(azureIdentityBinding());
      cluster.kube.state.patch(...IDENTITY, 'demo', {
        metadata: { annotations: { 'aadpodidentity.k8s.io/Behavior': 'namespaced' } },
      });
      cluster.addPod('web', 'vm-0', 'demo', { namespace: 'other' });
    },
  ],
])('an identity that nobody has says why: %s', async (_case, expected, arrange) => {
  cluster.addVm('vm-0');
  cluster.kube.state.create(azureIdentity());
  arrange();
  mic = startMic(cluster);
  await until('demo', expected);
});

it('what others say in the status stays, and a stranger’s word for Ready is put right', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await until('demo', 'True Assigned');
  const others = { type: 'Audited', status: 'True', reason: 'ByHand', message: '' };
  const wrong = { type: 'Ready', status: 'False', reason: 'Nonsense', message: '' };
  cluster.kube.state.patch(...IDENTITY, 'demo', { status: { conditions: [others, wrong] } });
  await eventually(() => cluster.identity('demo')?.status?.conditions?.at(-1)?.reason === 'Assigned');
  const conditions = cluster.identity('demo')?.status?.conditions ?? [];
  expect(conditions.map(({ type, status }) => `${type} ${status}`)).toEqual(['Audited True', 'Ready True']);
});

it('34: nothing is written where nothing has changed, and what MIC writes itself makes no work', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.bindIdentity('idle');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster, ['--identity-assignment-reconcile-interval=50ms', '--syncRetryDuration=50ms']);
  await until('demo', 'True Assigned');
  await until('idle', 'Unknown NoPods');
  const reads = () => cluster.azure.state.requests.filter(({ operation }) => operation === 'arm.get').length;
  const [before, writes] = [reads(), statusWrites().length];
  cluster.kube.state.patch(...IDENTITY, 'demo', { metadata: { labels: { a: 'b' } } });
  await eventually(() => reads() > before + 20);
  expect(statusWrites()).toHaveLength(writes);
});

it('34: a condition does not go back and forth with jobs that come and go', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('first', 'vm-0', 'demo');
  mic = startMic(cluster);
  await until('demo', 'True Assigned');
  const writes = statusWrites().length;
  for (let job = 0; job < 5; job++) {
    cluster.deletePod(job === 0 ? 'first' : `job-${job - 1}`);
    await eventually(() => cluster.states().length === 0);
    cluster.addPod(`job-${job}`, 'vm-0', 'demo');
    await eventually(cluster.allAssigned(1));
  }
  expect([says('demo'), statusWrites().length]).toEqual(['True Assigned', writes]);
});

it('a restart of MIC writes nothing anew', async () => {
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.bindIdentity('sign');
  cluster.addPod('web', 'vm-0', 'demo');
  mic = startMic(cluster);
  await until('demo', 'True Assigned');
  await until('sign', 'Unknown NoPods');
  await mic.stop();
  const writes = statusWrites();
  mic = startMic(cluster);
  cluster.addPod('new', 'vm-0', 'sign');
  await until('sign', 'True Assigned');
  expect(new Set(statusWrites().slice(writes.length))).toEqual(new Set(['sign']));
});

describe('where conditions cannot be written', () => {
  /** The CRD of 1.8.17 keeps no conditions. */
  const oldCrd = (kind: KindName) => {
    const crd = customResourceDefinition(kind) as unknown as {
      spec: { versions: { subresources?: unknown }[] };
    };
    if (kind === 'AzureIdentity') for (const version of crd.spec.versions) delete version.subresources;
    return crd;
  };

  it('because the CRD is old, pods have their identities all the same, and nobody is asked again and again', async () => {
    await cluster.close();
    cluster = await TestCluster.start({ crds: (Object.keys(KINDS) as KindName[]).map(oldCrd) });
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--syncRetryDuration=50ms']);
    await eventually(cluster.allAssigned(1));
    await eventually(() => statusWrites().length === 1);
    cluster.bindIdentity('other');
    cluster.addPod('next', 'vm-0', 'other');
    await eventually(cluster.allAssigned(2));
    expect(statusWrites()).toHaveLength(1);
  });

  it('because the role of MIC is old: the same', async () => {
    const path = /azureidentities\/[^/]+\/status$/;
    cluster.kube.faults.add({ method: 'PATCH', path, times: 1000, action: { kind: 'status', status: 403 } });
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster, ['--syncRetryDuration=50ms']);
    await eventually(cluster.allAssigned(1));
    await eventually(() => statusWrites().length === 1);
  });

  it('for a moment, they are written later', async () => {
    const path = /azureidentities\/[^/]+\/status$/;
    cluster.kube.faults.add({ method: 'PATCH', path, times: 1, action: { kind: 'status', status: 500 } });
    cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'vm-0', 'demo');
    mic = startMic(cluster);
    await until('demo', 'True Assigned');
    expect(statusWrites().length).toBeGreaterThan(1);
  });
});
