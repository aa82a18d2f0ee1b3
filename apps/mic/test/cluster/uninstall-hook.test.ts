/** The chart's hook before an uninstall, as its pod runs it, beside MIC: what it waits for, and what it says in the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { azureAssignedIdentity, azureIdentity } from '@aad-pod-identity/testing';
import { LEGACY_FINALIZER } from '@aad-pod-identity/crd-types';
import { ca, eventually, TestCluster } from './cluster.ts';
import { type RunningMic, startMic } from './in-process.ts';

const HOOK = join(import.meta.dirname, '../../../../charts/aad-pod-identity/files/hooks/uninstall.mjs');
const NAMESPACE = 'mic-ns';
const { certPem, keyPem } = ca.issue({ commonName: 'kube', altNames: ['127.0.0.1'] });

describe('the hook of an uninstall', () => {
  let cluster: TestCluster;
  let mic: RunningMic | undefined;
  let set: string;
  let vm: string;

  beforeEach(async () => {
    cluster = await TestCluster.start({ tls: { certPem, keyPem, caPem: ca.certPem } });
    for (const [kind, name, replicas] of [
      ['Deployment', 'mic', 2],
      ['DaemonSet', 'nmi', undefined],
    ] as const)
      cluster.kube.state.create({
        ...{ apiVersion: 'apps/v1', kind, metadata: { namespace: NAMESPACE, name } },
        spec: {
          ...{ replicas, selector: { matchLabels: { a: 'b' } } },
          template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
        },
      });
    set = cluster.addScaleSet('set', 1);
    vm = cluster.addVm('vm-0');
    cluster.bindIdentity('demo');
    cluster.addPod('web', 'set-0', 'demo');
    cluster.addPod('db', 'vm-0', 'demo');
  });
  afterEach(async () => {
    await mic?.stop();
    mic = undefined;
    await cluster.close();
  });

  const deployment = () => cluster.kube.state.get('apps/v1', 'Deployment', NAMESPACE, 'mic');
  const annotationsOf = (object: unknown) =>
    (object as { metadata: { annotations?: Record<string, string> } }).metadata.annotations;

  /** Runs it to its end, and gives what it said. */
  async function run(timeoutSeconds: number): Promise<string> {
    writeFileSync(cluster.file('token'), 'token');
    writeFileSync(cluster.file('ca.crt'), ca.certPem);
    const settings = { namespace: NAMESPACE, mic: 'mic', nmi: 'nmi', timeoutSeconds };
    writeFileSync(cluster.file('settings.json'), JSON.stringify(settings));
    const env = { HOOK_API: cluster.kube.url, HOOK_ACCOUNT: cluster.folder };
    const child = spawn(process.execPath, [HOOK, cluster.file('settings.json')], { env });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  }

  function expectTheRestGone(): void {
    expect(cluster.records()).toEqual([]);
    expect(deployment()).toMatchObject({ spec: { replicas: 0 } });
    expect(cluster.kube.state.get('v1', 'ConfigMap', NAMESPACE, 'aad-pod-identity-uninstall')).toBeUndefined();
    const daemonSet = cluster.kube.state.get('apps/v1', 'DaemonSet', NAMESPACE, 'nmi');
    expect(annotationsOf(daemonSet)).toEqual({ 'aadpodidentity.k8s.io/uninstall': 'true' });
  }

  it('ends MIC once that has released everything', async () => {
    mic = startMic(cluster, [`--deployment=${NAMESPACE}/mic`]);
    await eventually(cluster.allAssigned(2));
    const said = await run(60);
    expect(said).toContain('MIC has released everything\nMIC has ended\nthe rules are off every node\n');
    expect([cluster.assigned(set), cluster.assigned(vm)]).toEqual([[], []]);
    expect(cluster.events()).not.toContain('mic: IdentitiesLeft');
    expectTheRestGone();
  });

  it('goes on where ARM refuses, and names in one line and one Event what is left', async () => {
    mic = startMic(cluster, [`--deployment=${NAMESPACE}/mic`]);
    await eventually(cluster.allAssigned(2));
    cluster.azure.control.deny(set);
    const said = await run(8);
    const left = 'demo on scale set set of resource group nodes (DenyAssignmentAuthorizationFailed)';
    expect(said).toMatch(/MIC has yet to release: \d assigned identities; .* on Azure/);
    expect(said.split('\n')).toContainEqual(expect.stringContaining(`identities are left on Azure: ${left}; `));
    expect(cluster.messages()).toContainEqual(expect.stringContaining(`identities are left on Azure: ${left}; `));
    expect(cluster.assigned(vm)).toEqual([]);
    expectTheRestGone();
  });

  it('goes on where no MIC answers: no record keeps a finalizer that nobody serves', async () => {
    const record = azureAssignedIdentity({ pod: 'web', node: 'set-0', identity: azureIdentity() });
    cluster.kube.state.create({ ...record, metadata: { ...record.metadata, finalizers: [LEGACY_FINALIZER] } });
    const said = await run(4);
    expect(said).toContain('MIC has not answered: what it has assigned stays on Azure; ');
    expect(said).toContain('1 assigned identities that were left are deleted\n');
    expectTheRestGone();
  });

  it('takes nothing for an answer that was given to an earlier uninstall', async () => {
    const metadata = { namespace: NAMESPACE, name: 'aad-pod-identity-uninstall' };
    cluster.kube.state.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { state: 'released' } });
    expect(await run(4)).toContain('MIC has not answered');
  });

  it('does not wait for a MIC that was ended before', async () => {
    cluster.kube.state.patch('apps/v1', 'Deployment', NAMESPACE, 'mic', { spec: { replicas: 0 } });
    expect(await run(60)).toMatch(/^MIC has been ended before: what it has assigned stays on the VMs and scale sets; /);
  });
});
