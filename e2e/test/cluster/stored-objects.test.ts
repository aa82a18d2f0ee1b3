import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { until } from '../../src/node-cluster.ts';
import { create } from './support.ts';

const CRD = join(
  import.meta.dirname,
  '../../../charts/aad-pod-identity/crds/aadpodidentity.k8s.io_azureidentities.yaml',
);

interface Crd {
  readonly spec: { readonly versions: { schema: unknown }[] };
}

/** The CRD of a time when nothing was asked of an identity. */
async function laxCrd(): Promise<Crd> {
  const crd = JSON.parse(await cluster.kubectl('create', '--dry-run=client', '-o', 'json', '-f', CRD)) as Crd;
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  for (const version of crd.spec.versions) version.schema = { openAPIV3Schema: anything };
  return crd;
}

/** Specs that would be refused today. */
const STORED: Readonly<Record<string, object>> = {
  malformed: { type: 0, ResourceID: '/x' },
  'out-of-range': { Type: 999, ResourceID: '/x' },
  'of-two-minds': { type: 0, Type: 1, clientID: 'a', ClientID: 'b' },
};

const identity = (name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind: 'AzureIdentity', spec },
  metadata: { name, finalizers: ['example.com/held'] },
});

let cluster: Cluster;

/** The API server takes a moment to act on another schema. */
async function isInForce(): Promise<boolean> {
  const command = ['create', '--dry-run=server', '-f', '-'];
  const fresh = JSON.stringify(identity('fresh', STORED.malformed ?? {}));
  const { code } = await cluster.exec([cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, ...command], fresh);
  return code !== 0;
}

beforeAll(async () => {
  cluster = await startCluster({ profile: 'control-plane', name: 'e2e-stored', fresh: true });
  await create(cluster, await laxCrd());
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd', '--timeout=60s');
  await create(cluster, ...Object.entries(STORED).map(([name, spec]) => identity(name, spec)));
  await cluster.kubectl('replace', '-f', CRD);
  await until(isInForce);
});

afterAll(() => cluster.stop());

const patch = (name: string, body: object, ...more: string[]) =>
  cluster.kubectl('patch', 'azureidentity', name, '--type=merge', '--patch', JSON.stringify(body), ...more);

describe.each(Object.keys(STORED))('an identity that is stored and would be refused today, %s', (name) => {
  it('takes a status', async () => {
    const status = { conditions: [{ type: 'Ready', status: 'False' }] };
    await patch(name, { status }, '--subresource=status');
    const shown = ['-o', 'jsonpath={.status.conditions[0].status}'];
    expect(await cluster.kubectl('get', 'azureidentity', name, ...shown)).toBe('False');
  });

  it('cannot be given another mistake', async () => {
    await expect(patch(name, { spec: { Type: 998 } })).rejects.toThrow('spec.Type');
  });

  it('can be let go of', async () => {
    await patch(name, { metadata: { finalizers: null } });
    expect(await cluster.kubectl('delete', 'azureidentity', name, '--timeout=20s')).toContain('deleted');
  });
});
