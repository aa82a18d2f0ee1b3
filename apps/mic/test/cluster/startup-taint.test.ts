/** New nodes come with a taint that MIC takes off once NMI is ready there, and not before. */
import { pod } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const KEY = 'aadpodidentity.k8s.io/nmi-not-ready';
const OURS = { key: KEY, value: 'true', effect: 'NoSchedule' };
const OTHER = { key: 'example.com/other', value: 'x', effect: 'NoSchedule' };
const FLAG = `--startup-taint=${KEY}`;

describe('the startup taint', () => {
  let cluster: TestCluster;
  let mic: RunningMic;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    cluster.addScaleSet('set', 3);
    for (const name of ['set-0', 'set-1', 'set-2']) taint(name, OTHER, OURS);
  });
  afterEach(async () => {
    await mic.stop();
    await cluster.close();
  });

  const taint = (name: string, ...taints: object[]) =>
    cluster.kube.state.patch('v1', 'Node', '', name, { spec: { taints } });
  const taints = (name: string): string[] => {
    const found = cluster.kube.state.get('v1', 'Node', '', name) as unknown as { spec: { taints?: { key: string }[] } };
    return (found.spec.taints ?? []).map(({ key }) => key);
  };
  const nodeWrites = (): number =>
    cluster.kube.requests.filter(({ method, path }) => method === 'PATCH' && path.startsWith('/api/v1/nodes/')).length;

  function addNmi(name: string, onNode: string, isReady: boolean, namespace = 'mic-ns'): void {
    const made = pod({ name, namespace, node: onNode });
    const labels = { component: 'nmi', tier: 'node' };
    const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
    const status = { ...made.status, phase: 'Running', conditions };
    cluster.kube.state.create({ ...made, metadata: { ...made.metadata, labels }, status });
  }
  const becomesReady = (name: string) =>
    cluster.kube.state.patch('v1', 'Pod', 'mic-ns', name, {
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });

  it('goes once NMI is ready on its node, and no other taint with it', async () => {
    addNmi('nmi-0', 'set-0', true);
    addNmi('nmi-1', 'set-1', false);
    mic = startMic(cluster, [FLAG]);
    await eventually(() => taints('set-0').join() === OTHER.key);
    expect([taints('set-1'), taints('set-2')]).toEqual([
      [OTHER.key, KEY],
      [OTHER.key, KEY],
    ]);
    becomesReady('nmi-1');
    await eventually(() => taints('set-1').join() === OTHER.key);
    expect(taints('set-2')).toEqual([OTHER.key, KEY]);
  });

  it('goes off a node that comes later', async () => {
    mic = startMic(cluster, [FLAG]);
    addNmi('nmi-2', 'set-2', true);
    await eventually(() => taints('set-2').join() === OTHER.key);
    taint('set-2', OURS);
    await eventually(() => taints('set-2').length === 0);
  });

  it('stays where a pod of another namespace looks like a ready NMI', async () => {
    cluster.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    addNmi('nmi-0', 'set-0', true, 'team');
    addNmi('nmi-1', 'set-1', true);
    mic = startMic(cluster, [FLAG]);
    await eventually(() => taints('set-1').join() === OTHER.key);
    expect(taints('set-0')).toEqual([OTHER.key, KEY]);
  });

  it('is taken off at its place only: what changed in between is looked at again', async () => {
    addNmi('nmi-0', 'set-0', true);
    const path = /^\/api\/v1\/nodes\/set-0$/;
    // the node is read, and before the patch comes its taints are others
    cluster.kube.faults.add({ method: 'PATCH', path, action: { kind: 'delay', ms: 300 } });
    mic = startMic(cluster, [FLAG]);
    await eventually(() =>
      cluster.kube.requests.some(({ method, path: asked }) => method === 'PATCH' && path.test(asked)),
    );
    taint('set-0', OURS, OTHER);
    await eventually(() => taints('set-0').join() === OTHER.key);
  });

  it('is nobody’s business without the flag', async () => {
    addNmi('nmi-0', 'set-0', true);
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'set-0', 'demo');
    mic = startMic(cluster);
    await eventually(cluster.allAssigned(1));
    expect([taints('set-0'), nodeWrites()]).toEqual([[OTHER.key, KEY], 0]);
  });
});
