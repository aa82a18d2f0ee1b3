import { systemClock } from '@aad-pod-identity/runtime';
import { createRunCa, trustRunCa } from '@aad-pod-identity/testing';
import { type App, type AzureSimulator, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { createEntraClient, type EntraClient, EntraError, type EntraTokenRequest } from '../src/index.ts';

export const SECRET = 'very-secret-value';
export const ca = createRunCa();
export const leaf = ca.issue({ commonName: 'app', altNames: [] });

export interface Bench {
  readonly azure: AzureSimulator;
  readonly app: App;
  readonly client: EntraClient;
  /** A good request, but for what `change` says. */
  readonly request: (change?: Partial<EntraTokenRequest>) => EntraTokenRequest;
  close(): Promise<void>;
}

/** A simulated Entra ID with one application, and a client. */
export async function startBench(): Promise<Bench> {
  const azure = await startAzureSimulator();
  trustRunCa(azure.ca);
  const app = azure.addApp({ secret: SECRET, certificatePem: leaf.certPem });
  const client = createEntraClient({ clock: systemClock, env: {}, userAgent: 'entra-test' });
  const request: Bench['request'] = (change = {}) => ({
    authority: azure.entraUrl,
    tenantId: app.tenantId,
    clientId: app.clientId,
    credential: { kind: 'secret', secret: SECRET },
    resource: 'https://vault.azure.net',
    ...change,
  });
  const close = async (): Promise<void> => {
    await client.close();
    await azure.close();
  };
  return { azure, app, client, request, close };
}

export const certificate = (pair = leaf): EntraTokenRequest['credential'] => ({
  kind: 'certificate',
  certificatePem: pair.certPem,
  privateKeyPem: pair.keyPem,
});

export const failureOf = async (promise: Promise<unknown>): Promise<EntraError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EntraError);
  return error as EntraError;
};
