import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '@aad-pod-identity/kube';
import { parseAllDocuments } from 'yaml';

export const EXAMPLES = join(import.meta.dirname, '../../../examples');

/** The seed's manifests by what they are for, as file names below `examples/`. */
export const files = {
  pod: 'pod.yaml',
  labelledPod: 'pod-labelled.yaml',
  identity: 'azureidentity.yaml',
  binding: 'azureidentitybinding.yaml',
  secret: 'service-principal/secret.yaml',
  spIdentity: 'service-principal/azureidentity.yaml',
  spBinding: 'service-principal/azureidentitybinding.yaml',
  spPod: 'service-principal/pod.yaml',
} as const;

export type ExampleName = keyof typeof files;

export function loadExample(name: ExampleName): KubeObject[] {
  const text = readFileSync(join(EXAMPLES, files[name]), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}
