import { isNamespaced } from '@aad-pod-identity/crd-types';
import { createEntraClient, type Cloud } from '@aad-pod-identity/entra';
import { createImdsClient, retrying } from '@aad-pod-identity/imds';
import type { KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Metrics } from '@aad-pod-identity/telemetry';
import { metadataUrl } from './config.ts';
import type { Flags } from './flags.ts';
import { cached } from './tokens/cached.ts';
import { imdsSource, managedIdentityKey, operationOf } from './tokens/managed-identity.ts';
import { tokenObserver } from './tokens/observed.ts';
import { secretReader } from './tokens/read-secret.ts';
import { entraSource, principalKey, principalTokens } from './tokens/service-principal.ts';
import { createTokenService, type TokenService } from './tokens/token-service.ts';

export interface TokenWiringOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly cloud: Cloud;
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly onSecretError: () => void;
}

/** One call with its repetitions; clients give up after about a minute and ask again themselves. */
const UPSTREAM_DEADLINE_MS = 30_000;

/** The token service over the real IMDS and Entra ID: counted, cached, shared. */
export function wireTokens(options: TokenWiringOptions): { service: TokenService; close: () => Promise<void> } {
  const { flags, env, cloud, kube, clock, metrics, userAgent } = options;
  const imds = createImdsClient({ baseUrl: metadataUrl(flags), clock, userAgent, timeoutMs: UPSTREAM_DEADLINE_MS });
  const entra = createEntraClient({ clock, userAgent, env, timeoutMs: UPSTREAM_DEADLINE_MS });
  const observed = tokenObserver(metrics, clock);
  const patient = retrying(imds, { clock, deadlineMs: UPSTREAM_DEADLINE_MS });
  const principalSource = observed(entraSource(entra, clock), () => 'adal_token');
  const service = createTokenService({
    managedIdentity: cached(observed(imdsSource(patient), operationOf), { keyOf: managedIdentityKey, clock }),
    servicePrincipal: principalTokens({
      readSecret: secretReader(kube, options.onSecretError),
      isNamespaced: (identity) => flags.forceNamespaced || isNamespaced(identity),
      defaultAuthority: cloud.activeDirectoryEndpoint,
      allowedAuthorities: flags['allowed-ad-endpoints'],
      source: cached(principalSource, { keyOf: principalKey, clock }),
    }),
  });
  return {
    service,
    close: async () => {
      await Promise.all([imds.close(), entra.close()]);
    },
  };
}
