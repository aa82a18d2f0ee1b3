import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureSimulator } from '@aad-pod-identity/testing/azure';
import { startProgram } from './program.ts';

const SECRET = 'mic-secret';

export interface MicProcess {
  stop(): Promise<void>;
}

async function writeFiles(folder: string, azure: AzureSimulator): Promise<void> {
  const { tenantId, clientId } = azure.addApp({ secret: SECRET });
  const cloudConfig = { cloud: 'AzureStackCloud', tenantId, aadClientId: clientId, aadClientSecret: SECRET };
  await writeFile(join(folder, 'azure.json'), JSON.stringify(cloudConfig));
  await writeFile(join(folder, 'environment.json'), JSON.stringify(azure.environment()));
  await writeFile(join(folder, 'ca.pem'), azure.ca.certPem);
}

/** MIC from its sources, on a real API server and a simulated Azure. */
export async function startMicProcess(
  kubeconfig: string,
  azure: AzureSimulator,
  ...more: readonly string[]
): Promise<MicProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'e2e-mic-'));
  await writeFiles(folder, azure);
  const files = [`--kubeconfig=${kubeconfig}`, `--cloudconfig=${join(folder, 'azure.json')}`];
  const args = [...files, '--http-probe-port=0', '--prometheus-port=0', ...more];
  const mic = startProgram('mic', args, {
    MIC_POD_NAMESPACE: 'default',
    AZURE_ENVIRONMENT_FILEPATH: join(folder, 'environment.json'),
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  });
  return {
    stop: async () => {
      await mic.stop();
      await rm(folder, { recursive: true });
    },
  };
}
