import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@aad-pod-identity/runtime';
import { createRunCa } from '@aad-pod-identity/testing';
import { type KubernetesSimulator, startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';

import { WIDGET_CRD } from './samples.ts';

export const KUBECTL = process.env.E2E_KUBECTL ?? 'kubectl';

/** A simulator over TLS with a token, and the real kubectl with the kubeconfig of that simulator. */
export interface Bench {
  readonly simulator: KubernetesSimulator;
  readonly environment: NodeJS.ProcessEnv;
  /** What the command printed, errors too. */
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** `kubectl apply` of one object. */
  readonly apply: (object: object, ...flags: string[]) => Promise<string>;
  /** Resolves once the server has been asked for something of this form, `path?query`. */
  readonly waitFor: (method: string, form: RegExp) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function startServer(): Promise<KubernetesSimulator> {
  const ca = createRunCa();
  const tls = { ...ca.issue({ commonName: 'api', altNames: ['127.0.0.1'] }), caPem: ca.certPem };
  const logs = (namespace: string, name: string): string => `hello from ${namespace}/${name}\n`;
  return startKubernetesSimulator({ tls, token: 'secret', logs, crds: [WIDGET_CRD] });
}

export async function startBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
  const simulator = await startServer();
  const environment = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') };
  await writeFile(environment.KUBECONFIG, simulator.kubeconfig());
  const kubectl: Bench['kubectl'] = (...args) =>
    new Promise((resolve) => {
      execFile(KUBECTL, args, { env: environment }, (_error, stdout, stderr) => {
        resolve(`${stdout}${stderr}`.trim());
      });
    });
  return {
    simulator,
    environment,
    kubectl,
    apply: async (object, ...flags) => {
      const file = join(folder, 'object.json');
      await writeFile(file, JSON.stringify(object));
      return kubectl('apply', '-f', file, ...flags);
    },
    waitFor: async (method, form) => {
      const asked = (): boolean =>
        simulator.requests.some(
          (request) => request.method === method && form.test(`${request.path}?${request.query}`),
        );
      while (!asked()) await systemClock.sleep(5);
    },
    close: async () => {
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
}
