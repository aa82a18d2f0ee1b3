/** Row 25: finalizers stuck after an uninstall. Everything is deleted as kubectl does it, in orders nobody chose. */
import { KINDS, LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { azureAssignedIdentity, azureIdentity, azureIdentityBinding } from '@aad-pod-identity/testing';
import fc from 'fast-check';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { type RunningMic, startMic } from '../cluster/in-process.ts';

const GROUP = '/apis/aadpodidentity.k8s.io/v1/namespaces/default';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let cluster: TestCluster;
let mic: RunningMic;
beforeEach(async () => {
  cluster = await TestCluster.start();
});
afterEach(async () => {
  await mic.stop();
  await cluster.close();
});

const remove = async (path: string): Promise<void> => {
  await fetch(cluster.kube.url + path, { method: 'DELETE' });
};
const kinds = Object.values(KINDS);

const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
  MIC: () => mic.stop(),
  identities: () => remove(`${GROUP}/azureidentities`),
  bindings: () => remove(`${GROUP}/azureidentitybindings`),
  records: () => remove(`${GROUP}/azureassignedidentities`),
  pods: () => remove('/api/v1/namespaces/default/pods'),
  nodes: () => remove('/api/v1/nodes'),
  CRDs: () => Promise.all(kinds.map(({ plural }) => remove(`${CRDS}/${plural}.aadpodidentity.k8s.io`))),
};
const ORDERS = [
  ['MIC', ...Object.keys(STEPS).filter((step) => step !== 'MIC')],
  ...fc.sample(fc.shuffledSubarray(Object.keys(STEPS), { minLength: Object.keys(STEPS).length }), {
    ...{ seed: 25, numRuns: 9 },
  }),
].map((order) => [order.join(', '), order] as const);

/** Of 1.8.17 and of ours: a record of a pod that runs, one of a pod that is gone, one that is being deleted. */
function install(): void {
  const { id, clientId } = cluster.azure.addIdentity({ resourceGroup: 'identities', name: 'old' });
  cluster.addScaleSet('set', 2, [id]);
  const identity = azureIdentity({ name: 'old', spec: { resourceID: id, clientID: clientId } });
  cluster.kube.state.create(identity);
  cluster.kube.state.create(azureIdentityBinding({ name: 'old' }));
  for (const [index, name] of ['runs', 'gone', 'deleted'].entries()) {
    const record = azureAssignedIdentity({ pod: name, node: `set-${index % 2}`, identity });
    cluster.kube.state.create({ ...record, metadata: { ...record.metadata, finalizers: [LEGACY_FINALIZER] } });
  }
  cluster.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureAssignedIdentity', 'default', 'deleted-default-old');
  cluster.addPod('runs', 'set-0', 'old');
  cluster.bindIdentity('new');
  cluster.addPod('new', 'set-1', 'new');
}

/** Also empty where the kind is not served any more. */
function listed(kind: string): unknown[] {
  try {
    return cluster.kube.state.list('aadpodidentity.k8s.io/v1', kind);
  } catch {
    return [];
  }
}

describe('25: an uninstall leaves nothing stuck on a finalizer, deleted in this order:', () => {
  it.each(ORDERS)('%s', async (_names, order) => {
    install();
    mic = startMic(cluster);
    await eventually(() => cluster.states().join() === 'new-default-new Assigned,runs-default-old Assigned');
    await eventually(() => cluster.records().every(({ metadata }) => (metadata.finalizers ?? []).length === 0));
    for (const step of order) await STEPS[step]?.();
    await eventually(() => kinds.flatMap(({ kind }) => listed(kind)).length === 0);
    const crds = cluster.kube.state.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    expect(crds).toEqual([]);
  });
});
