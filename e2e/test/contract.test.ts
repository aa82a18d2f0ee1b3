import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@aad-pod-identity/cluster';
import { compactEtcd, contractSuite, type Etcd } from '@aad-pod-identity/contract';
import { kubernetesOfSuite } from '../src/kubernetes-version.ts';

function etcdOf({ folder }: Cluster): Etcd {
  const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
  const { ports } = JSON.parse(read('cluster.json')) as { ports: { etcd: number } };
  const [ca, cert, key] = ['ca.crt', 'etcd-client.crt', 'etcd-client.key'].map((file) => read('pki', file));
  return { url: `https://127.0.0.1:${ports.etcd}`, ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
}

describe('the real API server keeps the contract of the Kubernetes API:', () => {
  const kubernetes = kubernetesOfSuite(process.env);
  let cluster: Cluster | undefined;

  afterAll(() => cluster?.stop());

  contractSuite(async () => {
    const options = { profile: 'control-plane', name: 'e2e-contract', fresh: true } as const;
    const started = await startCluster({ ...options, kubernetes });
    cluster = started;
    return { kubeconfig: started.kubeconfig, compact: () => compactEtcd(etcdOf(started)) };
  }, kubernetes);
});
