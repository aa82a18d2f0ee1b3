import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import {
  type KubernetesSimulator,
  type SimulatorOptions,
  startKubernetesSimulator,
} from '@aad-pod-identity/testing/kubernetes';

export const ISSUER = 'https://northeurope.oic.prod-aks.azure.com/tenant/cluster/';

interface CrdNames {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** Kinds of workloads that the simulator does not have: kept as they are. */
const OTHER_KINDS: readonly CrdNames[] = [
  { group: 'apps', kind: 'StatefulSet', plural: 'statefulsets' },
  { group: 'batch', kind: 'Job', plural: 'jobs' },
  { group: 'batch', kind: 'CronJob', plural: 'cronjobs' },
];

const looseCrd = ({ group, kind, plural }: CrdNames) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

export interface Scene {
  readonly kube: KubernetesSimulator;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** A cluster with the kinds of AAD Pod Identity, and a kubeconfig for it. */
export async function startScene(options: SimulatorOptions = {}): Promise<Scene> {
  const ours = (Object.keys(KINDS) as KindName[]).map(customResourceDefinition);
  const crds = [...ours, ...OTHER_KINDS.map(looseCrd)];
  const kube = await startKubernetesSimulator({ crds, issuer: ISSUER, ...options });
  const folder = await mkdtemp(join(tmpdir(), 'migrate-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kube.kubeconfig());
  return {
    kube,
    kubeconfig,
    close: async () => {
      await kube.close();
      await rm(folder, { recursive: true });
    },
  };
}
