import { systemClock } from '@aad-pod-identity/runtime';
import { trustRunCa } from '@aad-pod-identity/testing';
import { type AzureSimulator, type Identity, startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { type ArmClient, type ArmTimeouts, createArmClient, parseProviderId, type Target } from '../src/index.ts';

export interface Bench {
  readonly azure: AzureSimulator;
  readonly arm: ArmClient;
  /** Another client of the same ARM. */
  client(options?: {
    timeouts?: Partial<ArmTimeouts>;
    token?: () => Promise<string>;
    refused?: (audience: string, token: string) => void;
    env?: NodeJS.ProcessEnv;
    mayWrite?: () => boolean;
  }): ArmClient;
  /** A good token for ARM. */
  readonly token: () => Promise<string>;
  close(): Promise<void>;
}

/** A simulated Azure, and a client of its ARM with a good token. */
export async function startBench(): Promise<Bench> {
  const azure = await startAzureSimulator();
  trustRunCa(azure.ca);
  const app = azure.addApp({ secret: 'secret' });
  const token = async (): Promise<string> => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: 'secret',
      scope: `${azure.armAudience}/.default`,
    });
    const answer = await fetch(`${azure.entraUrl}/${app.tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const client: Bench['client'] = (options = {}) =>
    createArmClient({
      cloud: { resourceManagerEndpoint: azure.armUrl, resourceManagerAudience: azure.armAudience },
      tokenSource: {
        getToken: async () => ({ token: await (options.token ?? token)(), expiresOn: 0 }),
        ...(options.refused === undefined ? {} : { refused: options.refused }),
      },
      clock: systemClock,
      userAgent: 'arm-test',
      env: options.env ?? {},
      ...(options.mayWrite === undefined ? {} : { mayWrite: options.mayWrite }),
      timeouts: { pollIntervalMs: () => 5, ...options.timeouts },
    });
  return { azure, arm: client(), client, token, close: () => azure.close() };
}

let count = 0;

/** A VM of its own for one test. */
export function newVm(
  azure: AzureSimulator,
  options: { systemAssigned?: boolean; userAssigned?: string[] } = {},
): Target {
  const { providerId } = azure.addVm({ resourceGroup: 'nodes', name: `vm-${++count}`, ...options });
  return parseProviderId(providerId) as Target;
}

/** A scale set of its own for one test. */
export function newScaleSet(azure: AzureSimulator, options: { userAssigned?: string[] } = {}): Target {
  const name = `set-${++count}`;
  const { providerIds } = azure.addScaleSet({ resourceGroup: 'nodes', name, instances: 2, ...options });
  return parseProviderId(providerIds[1] ?? '') as Target;
}

export function newIdentity(azure: AzureSimulator, name = `identity-${++count}`): Identity {
  return azure.addIdentity({ resourceGroup: 'identities', name });
}
