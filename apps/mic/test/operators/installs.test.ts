import { fakeClock } from '@aad-pod-identity/testing';
import { eventually, TestCluster } from '../cluster/cluster.ts';
import { MicProcess } from '../cluster/process.ts';
import { Notices } from '../../src/notices.ts';
import type { Notice } from '../../src/plan/notice.ts';
import { StatusPass } from '../../src/status-pass.ts';
import { sceneStores } from '../scene.ts';

let cluster: TestCluster;
const running: MicProcess[] = [];
/** An install of its own: its MIC runs in `namespace`. */
const install = (namespace: string): MicProcess => {
  const mic = MicProcess.in(
    cluster,
    { MIC_POD_NAMESPACE: namespace },
    `--leader-election-instance=mic-of-${namespace}`,
    `--custom-user-agent=install-${namespace}`,
  );
  running.push(mic);
  return mic;
};
beforeEach(async () => {
  cluster = await TestCluster.start();
  for (const name of ['team', 'other']) {
    cluster.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  cluster.addVm('vm-0');
  cluster.bindIdentity('demo');
  cluster.addPod('web', 'vm-0', 'demo');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((mic) => mic.stop('SIGKILL')));
  await cluster.close();
});

const mapsIn = (namespace: string) =>
  cluster.kube.state
    .list('v1', 'ConfigMap', namespace)
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('aad-pod-identity'));

it('38: an install outside of default works, and keeps what is its own in its namespace', async () => {
  install('team');
  await eventually(cluster.allAssigned(1));
  await eventually(() => mapsIn('team').length === 2);
  expect(['default', 'mic-ns', 'other'].flatMap(mapsIn)).toEqual([]);
});

it('38: a second install writes nothing beside the first, and its log names who leads', async () => {
  install('team');
  await eventually(cluster.allAssigned(1));
  const second = install('other');
  await eventually(() => second.lines.some((line) => /leader elected.*holder=mic-of-team/.test(line)));
  cluster.addPod('later', 'vm-0', 'demo');
  await eventually(cluster.allAssigned(2));
  const writes = cluster.kube.requests.filter(
    ({ method, userAgent }) => method !== 'GET' && userAgent.includes('install-other'),
  );
  expect([writes, mapsIn('other'), await second.url('healthPort', '/healthz')]).toEqual([[], [], 'Not Active']);
});

it('38: a second install is noticed by its NMI, whatever lock its MIC holds, and is forgotten when it goes', async () => {
  const [clock, said] = [fakeClock(), [] as string[]];
  const notices = new Notices(clock, ({ reason, detail }: Notice) => said.push(`${reason}: ${detail}`));
  const stores = sceneStores({ pods: [{}], nmi: ['node-0'] });
  const options = { stores, clock, notices } as unknown as ConstructorParameters<typeof StatusPass>[0];
  const pass = new StatusPass(options);
  const other = { namespace: 'team', name: 'nmi-other', node: 'node-0', isReady: true };
  const look = async (): Promise<void> => {
    await pass.run('cluster', new AbortController().signal);
    await clock.advance(10 * 60_000);
  };
  await look();
  expect(said).toEqual([]);
  stores.nmi.apply(other);
  await look();
  await look();
  expect(said).toEqual([expect.stringMatching(/^SeveralInstalls: NMI runs in the namespaces default, team: /)]);
  expect(notices.bindings('SeveralInstalls')).toBe(1);
  stores.nmi.remove('team/nmi-other');
  await look();
  expect(notices.bindings('SeveralInstalls')).toBe(0);
});
