import { connect, type KubeClient } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { type KubernetesSimulator, startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnDaemonSet, watchOwnDaemonSet } from '../src/own-daemonset.ts';

const daemonSet = (namespace: string, name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace, name, annotations },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: {} } },
});
const SET = { 'aadpodidentity.k8s.io/uninstall': 'true' };

describe('the marker that lets the redirection go', () => {
  let kube: KubernetesSimulator;
  let client: KubeClient;
  let marker: OwnDaemonSet;
  let running: Promise<void>;
  const folder = mkdtempSync(join(tmpdir(), 'nmi-marker-'));
  const stop = new AbortController();
  const eventually = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await systemClock.sleep(5);
  };
  const annotate = (namespace: string, name: string, annotations: Record<string, string | null>) =>
    kube.state.patch('apps/v1', 'DaemonSet', namespace, name, { metadata: { annotations } });

  beforeAll(async () => {
    kube = await startKubernetesSimulator();
    for (const [namespace, name] of [
      ['infra', 'nmi'],
      ['infra', 'other'],
      ['default', 'nmi'],
    ] as const) {
      if (namespace !== 'default' && name === 'nmi')
        kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      kube.state.create(daemonSet(namespace, name, namespace === 'infra' && name === 'nmi' ? {} : SET));
    }
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kube.kubeconfig());
    client = await connect({ kubeconfig, env: {}, clock: systemClock, logger: silentLogger, userAgent: 'test' });
    marker = watchOwnDaemonSet({ client, daemonset: 'infra/nmi', clock: systemClock, logger: silentLogger });
    running = marker.run(stop.signal);
  });
  afterAll(async () => {
    stop.abort();
    await running.catch(() => undefined);
    await client.close();
    await kube.close();
    rmSync(folder, { recursive: true });
  });

  it('is set by the annotation of NMI’s own DaemonSet with the value true, and by no other', async () => {
    const watched = (): boolean => kube.requests.some(({ query }) => query.includes('watch='));
    await eventually(watched);
    expect(marker.isUninstalling()).toBe(false);
    annotate('infra', 'nmi', { 'aadpodidentity.k8s.io/uninstall': 'yes', note: 'x' });
    annotate('infra', 'nmi', SET);
    await eventually(() => marker.isUninstalling());
    annotate('infra', 'nmi', { 'aadpodidentity.k8s.io/uninstall': null });
    await eventually(() => !marker.isUninstalling());
  });

  it.each<[maxSurge: unknown, surges: boolean]>([
    [1, true],
    ['10%', true],
    [0, false],
    ['0%', false],
    [null, false],
  ])('beside it stands whether an update surges: maxSurge %j', async (maxSurge, surges) => {
    const surge = (value: unknown) =>
      kube.state.patch('apps/v1', 'DaemonSet', 'infra', 'nmi', {
        spec: { updateStrategy: { rollingUpdate: { maxSurge: value } } },
      });
    surge(surges ? 0 : 1);
    await eventually(() => marker.surges() === !surges);
    surge(maxSurge);
    await eventually(() => marker.surges() === surges);
  });

  it('is not taken for set because the API server is away or the DaemonSet is gone', async () => {
    await kube.stop();
    expect(marker.isUninstalling()).toBe(false);
    await kube.start();
    kube.state.delete('apps/v1', 'DaemonSet', 'infra', 'nmi');
    kube.state.create(daemonSet('infra', 'nmi', SET));
    await eventually(() => marker.isUninstalling());
    kube.state.delete('apps/v1', 'DaemonSet', 'infra', 'nmi');
    await eventually(() => !marker.isUninstalling());
  });
});

it('without a DaemonSet named, nobody is asked', async () => {
  const marker = watchOwnDaemonSet({
    ...{ client: {} as KubeClient, daemonset: '', clock: systemClock, logger: silentLogger },
  });
  await marker.run(new AbortController().signal);
  expect(marker.isUninstalling()).toBe(false);
});
