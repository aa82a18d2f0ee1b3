import type { ComputeManagementClient } from '@azure/arm-compute';
import type { ManagedServiceIdentityClient } from '@azure/arm-msi';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient, Pipeline, PipelinePolicy } from '@azure/core-rest-pipeline';

export interface SdkOptions {
  readonly endpoint: string;
  readonly userAgent: string | undefined;
  readonly policy: PipelinePolicy;
  readonly httpClient: HttpClient;
}

/** The SDK's clients, one per subscription, loaded with their first use. */
export interface Sdk {
  compute(subscriptionId: string): Promise<ComputeManagementClient>;
  identities(subscriptionId: string): Promise<ManagedServiceIdentityClient>;
}

/** The SDK wants one; our own policy sets the token, and the SDK's is taken out. */
const unusedCredential: TokenCredential = { getToken: () => Promise.resolve(null) };

function cached<T>(create: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const value = known.get(key) ?? create(key);
    known.set(key, value);
    return value;
  };
}

export function createSdk({ endpoint, userAgent, policy, httpClient }: SdkOptions): Sdk {
  const options = {
    endpoint,
    httpClient,
    // Whoever calls schedules: a retry in here would be a write that nobody knows of.
    retryOptions: { maxRetries: 0 },
    ...(userAgent === undefined ? {} : { userAgentOptions: { userAgentPrefix: userAgent } }),
  };
  const ready = async <T extends { readonly pipeline: Pipeline }>(client: T): Promise<T> => {
    const { bearerTokenAuthenticationPolicyName } = await import('@azure/core-rest-pipeline');
    client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
    client.pipeline.addPolicy(policy);
    return client;
  };
  return {
    compute: cached(async (subscriptionId) => {
      const { ComputeManagementClient } = await import('@azure/arm-compute');
      return ready(new ComputeManagementClient(unusedCredential, subscriptionId, options));
    }),
    identities: cached(async (subscriptionId) => {
      const { ManagedServiceIdentityClient } = await import('@azure/arm-msi');
      return ready(new ManagedServiceIdentityClient(unusedCredential, subscriptionId, options));
    }),
  };
}
