/** What MIC and NMI are rendered with, and that their programs take every argument list. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadFlagTables, type Rendered } from '@aad-pod-identity/generate/chart';
import { type FlagTable, ignoredFlags, parseFlags } from '@aad-pod-identity/runtime';
import { container, example, idsOf, MIC, named, NMI, render, ROOT, workload } from './chart.ts';

const OLD_VALUES = `--values=${join(ROOT, 'e2e/fixtures/chart/values-4.1.18.yaml')}`;
const old = (): Promise<Rendered[]> => render({ image: {} }, { args: [OLD_VALUES], namespace: 'kube-system' });

/** The values that a program's own parser makes of a container's arguments. */
async function parsed(objects: readonly Rendered[], which: typeof MIC | typeof NMI) {
  const name = which === MIC ? 'mic' : 'nmi';
  const table = (await loadFlagTables(ROOT))[name] as unknown as FlagTable;
  const { args, env } = container(objects, which);
  expect(ignoredFlags(table, args)).toEqual([]);
  const known = Object.fromEntries(env.map(({ name: variable, value }) => [variable, value]));
  const filled = args.map((arg) => arg.replace('$(NODE_NAME)', 'node-1').replace('$(NODE_IP)', '10.0.0.1'));
  const flags = parseFlags(table, filled, known) as Record<string, unknown>;
  if (which === NMI) {
    const config = (await import(pathToFileURL(join(ROOT, 'apps/nmi/src/config.ts')).href)) as {
      checkFlags: (flags: unknown) => void;
    };
    config.checkFlags(flags);
  }
  return flags;
}

describe('a values file of 4.1.18', () => {
  it('says the same to MIC', async () => {
    expect(await parsed(await old(), MIC)).toMatchObject({
      ...{ cloudconfig: '', v: 5, 'log-format': 'json', forceNamespaced: true, createDeleteBatch: 30, clientQps: 10 },
      ...{ 'leader-election-instance': 'one', 'leader-election-namespace': 'default' },
      ...{ 'leader-election-duration': 20_000, 'leader-election-endpoints': true },
      ...{ 'http-probe-port': 8081, 'prometheus-port': 8889, syncRetryDuration: 3_600_000 },
      'immutable-user-msis': ['00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000005'],
      ...{ 'update-user-msi-max-retry': 3, 'update-user-msi-retry-interval': 2000 },
      ...{ 'identity-assignment-reconcile-interval': 300_000, 'custom-user-agent': 'partner/1' },
    });
  });

  it('says the same to NMI', async () => {
    expect(await parsed(await old(), NMI)).toMatchObject({
      ...{ node: 'node-1', v: 3, 'log-format': 'json', forceNamespaced: true, 'operation-mode': 'standard' },
      ...{ 'http-probe-port': 8086, 'prometheus-port': 9091, 'ipt-update-interval-sec': 30, MICNamespace: 'default' },
      ...{ 'retry-attempts-for-created': 10, 'retry-attempts-for-assigned': 2, 'find-identity-retry-interval': 3 },
      ...{ enableScaleFeatures: true, 'block-instance-metadata': true, 'metadata-header-required': true },
      ...{ 'allow-network-plugin-kubenet': true, 'kubelet-config': '/etc/default/kubelet' },
      ...{ 'set-retry-after-header': true, 'enable-conntrack-deletion': true, 'custom-user-agent': 'partner/1' },
    });
  });

  it('has the objects of 4.1.18 by their names, with their selectors', async () => {
    const objects = await old();
    expect(idsOf(objects)).toEqual(
      expect.arrayContaining([
        ...['Deployment kube-system/aad-pod-identity-mic', 'DaemonSet kube-system/aad-pod-identity-nmi'],
        ...['ServiceAccount kube-system/aad-pod-identity-mic', 'ServiceAccount kube-system/aad-pod-identity-nmi'],
        ...['ClusterRole /aad-pod-identity-mic', 'ClusterRole /aad-pod-identity-nmi'],
        ...['ClusterRoleBinding /aad-pod-identity-mic', 'ClusterRoleBinding /aad-pod-identity-nmi'],
        ...['ClusterRole /aad-pod-identity-view', 'ClusterRole /aad-pod-identity-edit'],
        ...['Secret kube-system/aad-pod-identity-mic', 'PodDisruptionBudget kube-system/mic-pdb'],
        ...['AzurePodIdentityException kube-system/mic', 'AzurePodIdentityException kube-system/aks-addon-exception'],
        ...['AzureIdentity team/web-identity', 'AzureIdentityBinding team/web-binding'],
        ...['AzureIdentity kube-system/principal', 'AzureIdentityBinding kube-system/principal-binding'],
      ]),
    );
    const labels = { 'app.kubernetes.io/name': 'aad-pod-identity', 'app.kubernetes.io/instance': 'aad-pod-identity' };
    expect(workload(objects, ...MIC).selector).toEqual({
      matchLabels: { ...labels, 'app.kubernetes.io/component': 'mic' },
    });
    expect(workload(objects, ...NMI).selector).toEqual({
      matchLabels: { ...labels, 'app.kubernetes.io/component': 'nmi' },
    });
    expect(workload(objects, ...NMI).template.metadata.labels).toMatchObject({ tier: 'node', team: 'platform' });
  });

  it('makes no PodSecurityPolicy', async () => {
    expect((await old()).map(({ kind }) => kind)).not.toContain('PodSecurityPolicy');
  });

  it('replaces NMI as it says', async () => {
    expect(workload(await old(), ...NMI).updateStrategy).toEqual({
      ...{ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    });
  });

  it('gives MIC its Secret, and another Secret other pods', async () => {
    const objects = await old();
    const { data } = named(objects, 'Secret', 'aad-pod-identity-mic') as unknown as { data: Record<string, string> };
    const decoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]);
    expect(Object.fromEntries(decoded)).toMatchObject({ Cloud: 'AzurePublicCloud', VMType: 'vmss', UseMSI: 'true' });
    const env = container(objects, MIC).env.map(({ name }) => name);
    expect(env).toEqual(expect.arrayContaining(['CLOUD', 'TENANT_ID', 'CLIENT_ID', 'CLIENT_SECRET', 'USE_MSI']));
    expect(env).toEqual(expect.arrayContaining(['SUBSCRIPTION_ID', 'RESOURCE_GROUP', 'VM_TYPE', 'MIC_POD_NAMESPACE']));
    const changed = await render({ image: {}, adminsecret: { clientSecret: 'next' } }, { args: [OLD_VALUES] });
    const same = await render({ image: {} }, { args: [OLD_VALUES] });
    const sum = (all: readonly Rendered[]) => workload(all, ...MIC).template.metadata.annotations?.['checksum/config'];
    expect(sum(changed)).not.toBe(sum(same));
  });
});

describe('MIC', () => {
  it('is root only to read the node’s azure.json', async () => {
    expect(container(await render(), MIC).securityContext).toMatchObject({ runAsUser: 0 });
    expect(container(await old(), MIC).securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
  });

  it.each([true, false])('has nothing to write to and no capabilities, with its file: %s', async (file) => {
    expect(container(file ? await render() : await old(), MIC).securityContext).toMatchObject({
      ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    });
  });

  it('leads in the namespace of its release', async () => {
    const flags = await parsed(await render({}, { namespace: 'identity' }), MIC);
    expect(flags['leader-election-namespace']).toBe('identity');
  });

  it('sees by its own Deployment whether it is uninstalled, may read that one only, and write none', async () => {
    const objects = await render({}, { namespace: 'identity' });
    expect((await parsed(objects, MIC)).deployment).toBe('identity/aad-pod-identity-mic');
    const roles = objects.filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name.includes('-mic'));
    const rules = roles.flatMap((role) => (role as unknown as { rules: { resources: string[] }[] }).rules);
    expect(rules.filter(({ resources }) => resources.includes('deployments'))).toEqual([
      {
        ...{ apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['aad-pod-identity-mic'] },
        verbs: ['list', 'watch'],
      },
    ]);
  });

  it.each(['', 'example.com/nmi-not-ready'])(
    'may write nodes only for a startup taint, and starts with it: "%s"',
    async (key) => {
      const objects = await render({ startupTaint: { key } });
      const { rules } = named(objects, 'ClusterRole', 'aad-pod-identity-mic') as unknown as {
        rules: { resources: string[]; verbs: string[] }[];
      };
      const verbs = rules.filter(({ resources }) => resources.includes('nodes')).flatMap((rule) => rule.verbs);
      expect(verbs.includes('patch')).toBe(key !== '');
      expect((await parsed(objects, MIC))['startup-taint']).toBe(key);
      const tolerations = workload(objects, ...MIC).template.spec.tolerations;
      expect(tolerations).toEqual(key === '' ? undefined : [{ key, operator: 'Exists' }]);
    },
  );

  it('is not there in managed mode', async () => {
    const objects = await render({ operationMode: 'managed' });
    expect(idsOf(objects).filter((id) => id.includes('mic'))).toEqual([]);
    expect(await parsed(objects, NMI)).toMatchObject({ forceNamespaced: true, 'operation-mode': 'managed' });
  });
});

describe('NMI', () => {
  it('knows MIC, its own DaemonSet and their namespace', async () => {
    expect(
      await parsed(await render({ nameOverride: 'ids' }, { namespace: 'identity' }).then(asDefaultNames), NMI),
    ).toMatchObject({
      ...{ MICNamespace: 'identity', 'mic-service-accounts': ['ids-mic'], daemonset: 'identity/ids-nmi' },
    });
  });

  it('surges by default, and has no ports that would keep the next one Pending', async () => {
    const objects = await render();
    expect(workload(objects, ...NMI).updateStrategy).toMatchObject({
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    expect(container(objects, NMI).ports).toBeUndefined();
  });

  it.each<[backend: string, capabilities: string[]]>([
    ['', ['NET_ADMIN', 'NET_RAW']],
    ['legacy', ['NET_ADMIN', 'NET_RAW']],
    ['nft', ['NET_ADMIN']],
  ])('with the back-end "%s" of iptables may do %j and no more', async (iptablesBackend, add) => {
    expect(container(await render({ nmi: { iptablesBackend } }), NMI).securityContext).toMatchObject({
      ...{ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add } },
    });
  });

  it('tolerates every taint, and has no limit of the processor', async () => {
    const objects = await render();
    expect(workload(objects, ...NMI).template.spec.tolerations).toEqual([{ operator: 'Exists' }]);
    expect(container(objects, NMI).resources).not.toHaveProperty('limits.cpu');
  });

  it('takes every port from the values', async () => {
    const nmi = { port: 2600, probePort: 2601, prometheusPort: 2602, metadataPort: 81 };
    expect(await parsed(await render({ nmi }), NMI)).toMatchObject({
      ...{ 'nmi-port': 2600, 'http-probe-port': 2601, 'prometheus-port': 2602, 'metadata-port': 81 },
    });
  });

  it('is redirected to by Cilium where that is asked for', async () => {
    const objects = await render({ cilium: { localRedirectPolicy: true } });
    expect(await parsed(objects, NMI)).toMatchObject({ redirection: 'none', 'nmi-listen-address': '10.0.0.1' });
  });

  it('is told by one ConfigMap of the release what is tighter in which namespace, and may read that one only', async () => {
    const namespaces = { a: { blockInstanceMetadata: true, namespaced: 'true' }, b: { namespaced: false }, c: null };
    const objects = await render({ namespaces }, { namespace: 'identity' });
    const name = 'aad-pod-identity-namespaces';
    const map = named(objects, 'ConfigMap', name) as unknown as { data: Record<string, string> };
    expect(map.data).toEqual({ a: '{"blockInstanceMetadata":true,"namespaced":true}', b: '', c: '' });
    expect((await parsed(objects, NMI))['namespace-settings']).toBe(`identity/${name}`);
    const { rules } = named(objects, 'Role', 'aad-pod-identity-nmi') as unknown as { rules: { resources: string[] }[] };
    expect(rules.find(({ resources }) => resources.includes('configmaps'))).toEqual({
      ...{ apiGroups: [''], resources: ['configmaps'], resourceNames: [name], verbs: ['list', 'watch'] },
    });
  });

  it('reads Secrets only where it may', async () => {
    const rules = async (allowAccessToSecrets: boolean) =>
      JSON.stringify(
        named(await render({ rbac: { allowAccessToSecrets } }), 'ClusterRole', 'aad-pod-identity-nmi').rules,
      );
    expect(await rules(true)).toContain('secrets');
    expect(await rules(false)).not.toContain('secrets');
  });
});

/** Objects of another name, under those that the helpers of this folder look for. */
function asDefaultNames(objects: readonly Rendered[]): Rendered[] {
  return objects.map((object) => ({
    ...object,
    metadata: { ...object.metadata, name: object.metadata.name.replace(/^ids-/, 'aad-pod-identity-') },
  }));
}

describe('the roles for users', () => {
  it('have identities and bindings, and nothing that gives a pod more', async () => {
    const objects = await render({ rbac: { createUserFacingClusterRoles: true } });
    for (const name of ['view', 'edit']) {
      const { rules } = named(objects, 'ClusterRole', `aad-pod-identity-${name}`) as unknown as {
        rules: { resources: string[] }[];
      };
      expect(rules.flatMap(({ resources }) => resources)).toEqual(['azureidentities', 'azureidentitybindings']);
    }
  });

  it('are not there unless asked for', async () => {
    expect(idsOf(await render()).filter((id) => /-(view|edit)$/.test(id))).toEqual([]);
  });
});

describe('the four examples', () => {
  it.each<[file: string, args: string[], values: Record<string, unknown>]>([
    ['single-team.yaml', [], {}],
    ['many-teams/cluster.yaml', ['many-teams/team-a.yaml', 'many-teams/team-b.yaml'], {}],
    ['own-release.yaml', [], {}],
    ['managed-service-principal.yaml', [], {}],
  ])('%s renders, and the programs take what it says', async (file, more, values) => {
    const objects = await render(values, { args: [file, ...more].map(example) });
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds).toContain('AzureIdentityBinding');
    if (kinds.includes('Deployment')) await parsed(objects, MIC);
    if (kinds.includes('DaemonSet')) await parsed(objects, NMI);
  });
});
