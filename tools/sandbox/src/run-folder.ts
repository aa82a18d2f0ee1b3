import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Every file that a run writes, by what it is. */
export interface RunFolder {
  readonly root: string;
  readonly kubeconfig: string;
  readonly caCert: string;
  /** AzureStackCloud's endpoints, for `AZURE_ENVIRONMENT_FILEPATH`. */
  readonly environment: string;
  /** What Azure consists of when the run begins. */
  readonly azureState: string;
  /** MIC's `--cloudconfig`. */
  readonly cloudConfig: string;
  readonly podLogs: string;
  readonly log: (program: string) => string;
}

/** @param folder where; empty: a new folder below the system's temp folder */
export function createRunFolder(folder: string): RunFolder {
  const root = folder === '' ? mkdtempSync(join(tmpdir(), 'aad-pod-identity-')) : resolve(folder);
  const podLogs = join(root, 'pods');
  mkdirSync(podLogs, { recursive: true });
  return {
    root,
    kubeconfig: join(root, 'kubeconfig'),
    caCert: join(root, 'ca.pem'),
    environment: join(root, 'azure-environment.json'),
    azureState: join(root, 'azure-state.json'),
    cloudConfig: join(root, 'azure.json'),
    podLogs,
    log: (program) => join(root, `${program}.log`),
  };
}
