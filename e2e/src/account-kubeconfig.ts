import { writeFileSync } from 'node:fs';
import type { Cluster } from '@aad-pod-identity/cluster';
import { authority } from './hook-runner.ts';

/** Writes a kubeconfig with which a program is that service account and nobody else. */
export async function writeAccountKubeconfig(
  cluster: Cluster,
  account: { readonly namespace: string; readonly name: string },
  path: string,
): Promise<void> {
  const token = (await cluster.kubectl('create', 'token', account.name, '-n', account.namespace)).trim();
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'own' },
    clusters: [
      {
        name: 'own',
        cluster: {
          server: cluster.apiServer,
          'certificate-authority-data': authority(cluster).toString('base64'),
        },
      },
    ],
    users: [{ name: 'own', user: { token } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
  };
  writeFileSync(path, JSON.stringify(config));
}
