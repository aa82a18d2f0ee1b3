import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunCa } from '@aad-pod-identity/testing';
import { type KubernetesSimulator, startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { contractSuite } from '../src/index.ts';

describe('the simulator keeps the contract of the Kubernetes API:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  let simulator: KubernetesSimulator | undefined;

  afterAll(async () => {
    await simulator?.close();
    rmSync(folder, { recursive: true });
  });

  contractSuite(async () => {
    const ca = createRunCa();
    const tls = { ...ca.issue({ commonName: 'simulator', altNames: ['127.0.0.1'] }), caPem: ca.certPem };
    const started = await startKubernetesSimulator({ gracefulPods: true, tls, token: 'of-the-contract' });
    simulator = started;
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, started.kubeconfig());
    return {
      kubeconfig,
      compact: () => {
        started.state.compact();
        return Promise.resolve();
      },
    };
  });
});
