import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  KINDS,
  POD_LABEL,
  readAzureIdentity,
  readAzureIdentityBinding,
  selectorMatches,
  validateBinding,
  validateIdentity,
} from '@aad-pod-identity/crd-types';
import { parse } from 'yaml';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
const load = async (file: string): Promise<unknown> => parse(await readFile(EXAMPLES + file, 'utf8'));

interface Pod {
  metadata: { name: string; labels?: Record<string, string> };
}

interface Secret {
  metadata: { name: string };
  data: Record<string, string>;
}

describe.each([
  ['the managed identity', 'azureidentity.yaml', 'azureidentitybinding.yaml', 'pod-labelled.yaml'],
  [
    'the service principal',
    'service-principal/azureidentity.yaml',
    'service-principal/azureidentitybinding.yaml',
    'service-principal/pod.yaml',
  ],
])('%s of the examples', (_which, identityFile, bindingFile, podFile) => {
  it('is read and can work', async () => {
    const identity = readAzureIdentity(await load(identityFile));
    expect(identity.ok && validateIdentity(identity.value)).toEqual([]);
  });

  it('is bound to its pod', async () => {
    const identity = readAzureIdentity(await load(identityFile));
    const binding = readAzureIdentityBinding(await load(bindingFile));
    const pod = (await load(podFile)) as Pod;
    if (!identity.ok || !binding.ok) throw new Error('not read');
    expect(validateBinding(binding.value)).toEqual([]);
    expect(binding.value.spec.azureIdentity).toBe(identity.value.metadata.name);
    expect(selectorMatches(binding.value, pod.metadata.labels?.[POD_LABEL])).toBe(true);
  });

  it('keeps the spelling of the walk-through', async () => {
    const { kind } = KINDS.AzureIdentity;
    expect(await load(identityFile)).toMatchObject({ kind, spec: { ClientID: expect.any(String) as string } });
    const { spec } = (await load(bindingFile)) as { spec: object };
    expect(Object.keys(spec)).toEqual(['AzureIdentity', 'Selector']);
  });
});

it('the service principal refers to its Secret', async () => {
  const identity = readAzureIdentity(await load('service-principal/azureidentity.yaml'));
  const secret = (await load('service-principal/secret.yaml')) as Secret;
  expect(identity.ok && identity.value.spec.clientPassword).toEqual({
    name: secret.metadata.name,
    namespace: 'default',
  });
  expect(Object.keys(secret.data)).toHaveLength(1);
});

it('the first pod carries no label', async () => {
  expect(((await load('pod.yaml')) as Pod).metadata.labels).toBeUndefined();
});
