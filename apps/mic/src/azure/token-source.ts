import type { TokenSource } from '@aad-pod-identity/azure-arm';
import { type Cloud, createEntraClient } from '@aad-pod-identity/entra';
import { createImdsClient } from '@aad-pod-identity/imds';
import type { Clock } from '@aad-pod-identity/runtime';
import type { CloudConfig } from '../cloud-config.ts';
import { armErrorOf } from './arm-token-error.ts';
import { cached } from './cached-token-source.ts';

/** Where a cluster's metadata service is, unless a variable that the Azure libraries know as well says otherwise. */
const IMDS_URL = 'http://169.254.169.254';

export interface AzureAccess {
  readonly config: CloudConfig;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
}

function fromImds({ config, clock, env, userAgent }: AzureAccess): TokenSource {
  const baseUrl = env.AZURE_POD_IDENTITY_AUTHORITY_HOST || IMDS_URL;
  const imds = createImdsClient({ baseUrl, clock, userAgent });
  const clientId = config.userAssignedIdentityId;
  return {
    async getToken(resource, signal) {
      const token = await imds.token({ resource, ...(clientId === '' ? {} : { clientId }) }, signal);
      return { token: token.accessToken, expiresOn: token.expiresOn };
    },
  };
}

function fromEntra({ config, cloud, clock, env, userAgent }: AzureAccess): TokenSource {
  const entra = createEntraClient({ clock, env, userAgent });
  const credential = { kind: 'secret', secret: config.clientSecret } as const;
  const { tenantId, clientId } = config;
  const authority = cloud.activeDirectoryEndpoint;
  return {
    async getToken(resource, signal) {
      const token = await entra.token({ authority, tenantId, clientId, credential, resource }, signal);
      return { token: token.accessToken, expiresOn: token.expiresOn };
    },
  };
}

function failingAsArm(source: TokenSource): TokenSource {
  return {
    getToken: (audience, signal) =>
      source.getToken(audience, signal).catch((error: unknown) => {
        throw armErrorOf(error);
      }),
  };
}

/** MIC's own tokens for ARM. @throws ArmError */
export function tokenSource(access: AzureAccess): TokenSource {
  const source = access.config.useManagedIdentity ? fromImds(access) : fromEntra(access);
  return cached(failingAsArm(source), access.clock);
}
