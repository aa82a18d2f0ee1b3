import { readAzureIdentity, type AzureIdentity } from '@aad-pod-identity/crd-types';
import { loadExample, type ExampleName } from './examples.ts';

export interface DemoIdentity {
  /** The AzureIdentity's name in the cluster. */
  readonly objectName: string;
  readonly clientId: string;
}

/** What the examples say, so that the sandbox's Azure holds just the identities that they name. */
export interface Demo {
  readonly podName: string;
  readonly resource: string;
  readonly managedIdentity: DemoIdentity & { readonly resourceId: string; readonly name: string };
  readonly servicePrincipal: DemoIdentity & { readonly tenantId: string; readonly secret: string };
}

function identityOf(example: ExampleName): AzureIdentity {
  const read = readAzureIdentity(loadExample(example)[0]);
  if (!read.ok) throw new Error(`examples: ${read.reason}`);
  return read.value;
}

function secretOf(example: ExampleName): string {
  const secret = loadExample(example)[0] as { stringData?: Record<string, string>; data?: Record<string, string> };
  const [plain] = Object.values(secret.stringData ?? {});
  const [encoded = ''] = Object.values(secret.data ?? {});
  return plain ?? Buffer.from(encoded, 'base64').toString('utf8');
}

function readDemo(): Demo {
  const managed = identityOf('identity');
  const principal = identityOf('spIdentity');
  const resourceId = managed.spec.resourceID;
  return {
    podName: loadExample('pod')[0]?.metadata?.name ?? '',
    resource: 'https://storage.azure.com/',
    managedIdentity: {
      objectName: managed.metadata.name,
      clientId: managed.spec.clientID,
      resourceId,
      name: resourceId.split('/').at(-1) ?? '',
    },
    servicePrincipal: {
      objectName: principal.metadata.name,
      clientId: principal.spec.clientID,
      tenantId: principal.spec.tenantID,
      secret: secretOf('secret'),
    },
  };
}

export const demo: Demo = readDemo();
