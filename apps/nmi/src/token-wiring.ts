import { type AzureIdentity, isNamespaced } from '@aad-pod-identity/crd-types';
import { createEntraClient, type Cloud, type EntraClient } from '@aad-pod-identity/entra';
import { createImdsClient, type ImdsClient } from '@aad-pod-identity/imds';
import type { KubeClient, Store } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger, Metrics } from '@aad-pod-identity/telemetry';
import { metadataUrl } from './config.ts';
import type { Flags } from './flags.ts';
import { keepsIdentities } from './identity-wiring.ts';
import type { KnownSettings } from './namespace-settings/known-settings.ts';
import { TokenCache } from './tokens/cached.ts';
import { behindCircuit } from './tokens/circuit.ts';
import { imdsSource, managedIdentityKey, type ManagedIdentityRequest, operationOf } from './tokens/managed-identity.ts';
import { expiryMetric } from './tokens/credential-expiry.ts';
import { type TokenMetrics, tokenMetrics } from './tokens/observed.ts';
import { IMDS_PACE, paced } from './tokens/paced.ts';
import { patient } from './tokens/patient.ts';
import { purgeWith } from './tokens/purge.ts';
import { secretReader } from './tokens/read-secret.ts';
import { CredentialCache } from './tokens/secret-cache.ts';
import {
  entraSource,
  principalKey,
  type PrincipalOptions,
  principalTarget,
  principalTokens,
  type PrincipalTokenRequest,
  secretSource,
} from './tokens/service-principal.ts';
import { createTokenService, type TokenService } from './tokens/token-service.ts';
import type { TokenSource } from './tokens/token-source.ts';

export interface TokenWiringOptions {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly cloud: Cloud;
  readonly kube: KubeClient;
  readonly identities: Store<AzureIdentity>;
  readonly settings: KnownSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly onSecretError: () => void;
}

/** One request with all its attempts. The shortest patience of a known client is some 30 s. */
const DEADLINE_MS = 15_000;
/** One attempt; silence that lasts longer is a connection that died. */
const ATTEMPT_MS = 6_000;

const ownerOf = ({ identityUid }: { readonly identityUid: string }): string => identityUid;

type Clients = Pick<TokenWiringOptions, 'clock' | 'logger'> & { readonly measured: TokenMetrics };

/** Says when a target is given up for a while, and when it is back. */
function circuitOf(from: 'imds' | 'entra', { clock, logger, measured }: Clients) {
  const onChange = (_: string, open: boolean): void => {
    measured.circuit(from, open);
    logger.warn(open ? 'no tokens for a while: no answer, or too many requests' : 'tokens come again', { from });
  };
  return { clock, onChange };
}

function fromImds(client: ImdsClient, options: Clients): TokenSource<ManagedIdentityRequest> {
  const { clock, measured } = options;
  const calls = measured.calls(imdsSource(client), operationOf);
  const guarded = behindCircuit(calls, { ...circuitOf('imds', options), targetOf: () => 'imds' });
  return patient(paced(guarded, IMDS_PACE, clock, ownerOf), { clock, deadlineMs: DEADLINE_MS });
}

function fromEntra(client: EntraClient, options: Clients): TokenSource<PrincipalTokenRequest> {
  const { clock, measured } = options;
  const calls = measured.calls(entraSource(client, clock), () => 'adal_token');
  const guarded = behindCircuit(calls, { ...circuitOf('entra', options), targetOf: principalTarget });
  return patient(guarded, { clock, deadlineMs: DEADLINE_MS });
}

function rulesFor({ flags, cloud, settings }: TokenWiringOptions): Omit<PrincipalOptions, 'credentials' | 'source'> {
  return {
    isNamespaced: (identity) =>
      flags.forceNamespaced || isNamespaced(identity) || keepsIdentities(settings, identity.metadata.namespace),
    defaultAuthority: cloud.activeDirectoryEndpoint,
    allowedAuthorities: flags['allowed-ad-endpoints'],
  };
}

/** The token service over the real IMDS and Entra ID: paced, patient, cached, shared, counted. */
export function wireTokens(options: TokenWiringOptions): { service: TokenService; close: () => Promise<void> } {
  const { clock, kube, userAgent } = options;
  const imds = createImdsClient({ baseUrl: metadataUrl(options.flags), clock, userAgent, timeoutMs: ATTEMPT_MS });
  const entra = createEntraClient({ clock, userAgent, env: options.env, timeoutMs: ATTEMPT_MS });
  const measured = tokenMetrics(options.metrics, clock);
  const clients = { ...options, measured };
  const shared = {
    clock,
    ownerOf,
    onResult: measured.cache,
  };
  const managed = new TokenCache(fromImds(imds, clients), { ...shared, keyOf: managedIdentityKey });
  const principals = new TokenCache(fromEntra(entra, clients), { ...shared, keyOf: principalKey });
  measured.cacheSize(() => managed.size + principals.size);
  const credentials = new CredentialCache(secretSource(secretReader(kube, options.onSecretError), clock), clock);
  expiryMetric(options.metrics, () => credentials.expiries());
  purgeWith(options.identities, [managed, principals, credentials]);
  const servicePrincipal = principalTokens({ ...rulesFor(options), credentials, source: principals.get });
  return {
    service: createTokenService({ managedIdentity: managed.get, servicePrincipal }),
    close: async () => {
      managed.close();
      principals.close();
      await Promise.all([imds.close(), entra.close()]);
    },
  };
}
